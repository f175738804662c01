import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { aesSealer } from "../../src/db/seal.ts";
import { Secret } from "../../src/domain/secret.ts";

const key = (id: string) => ({ id, key: randomBytes(32) });
const PLACE = "destinations.sealed_key.01J";

describe("aesSealer", () => {
  it.each(["", "plain", "ключ 🔑", "x".repeat(900)])("opens what it sealed: %j", (text) => {
    const sealer = aesSealer([key("a")]);

    expect(sealer.open(sealer.seal(new Secret(text), PLACE), PLACE).open()).toBe(text);
  });

  it("seals with the first key, opens with all", () => {
    const [old, present] = [key("old"), key("new")];
    const before = aesSealer([old]).seal(new Secret("one"), PLACE);
    const sealer = aesSealer([present, old]);

    expect(sealer.open(before, PLACE).open()).toBe("one");
    expect(sealer.seal(new Secret("one"), PLACE).sealKeyId).toBe("new");
  });

  it("never seals the same secret alike", () => {
    const sealer = aesSealer([key("a")]);

    const [one, two] = [sealer.seal(new Secret("s"), PLACE), sealer.seal(new Secret("s"), PLACE)];

    expect(one.sealed.equals(two.sealed)).toBe(false);
  });

  it("opens nothing that was changed in any byte", () => {
    const sealer = aesSealer([key("a")]);
    const { sealKeyId, sealed } = sealer.seal(new Secret("secret"), PLACE);

    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = changed[at]! ^ 1;
      expect(() => sealer.open({ sealKeyId, sealed: changed }, PLACE)).toThrow(
        expect.objectContaining({ code: "CHECK_FAILED" }),
      );
    }
  });

  it.each([
    ["in another place", "a", "destinations.sealed_key.01K", 100],
    ["under another seal key's id", "b", PLACE, 100],
    ["cut short", "a", PLACE, 20],
    ["under an unknown seal key", "gone", PLACE, 100],
  ])("opens nothing %s, and tells no secret", (_, sealKeyId, place, bytes) => {
    const same = randomBytes(32);
    const sealer = aesSealer([
      { id: "a", key: same },
      { id: "b", key: same },
    ]);
    const { sealed } = sealer.seal(new Secret("secret"), PLACE);

    const open = () => sealer.open({ sealKeyId, sealed: sealed.subarray(0, bytes) }, place);

    expect(open).toThrow(expect.objectContaining({ code: "CHECK_FAILED" }));
    expect(open).not.toThrow(/secret/);
  });

  it("wants one key at least, and no id twice", () => {
    const one = key("a");

    expect(() => aesSealer([])).toThrow(expect.objectContaining({ code: "INVALID_SETTING" }));
    expect(() => aesSealer([one, one])).toThrow(expect.objectContaining({ code: "INVALID_SETTING" }));
  });
});
