import { createHash, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import type { ViewerSessionStore } from "../../src/services/viewer-session-store.ts";
import { viewerTokens } from "../../src/services/viewer-tokens.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { memoryViewers } from "../support/memory-viewers.ts";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const service = (store: ViewerSessionStore) =>
  viewerTokens({ store, hash, newToken: randomUUID, limit: 3, expirySeconds: 30 });

describe("viewerTokens", () => {
  it("asks for a session before anything else", async () => {
    const store = memoryViewers(fakeClock());
    let told = 0;
    const ports = { store, hash, newToken: randomUUID, limit: 3, expirySeconds: 30 };
    const viewers = viewerTokens({ ...ports, onNoSession: () => (told += 1) });

    expect(await service(store).admit("", "some token")).toEqual({ answer: "no session" });
    expect(await viewers.admit("", null)).toEqual({ answer: "no session" });
    expect([store.asked, told]).toEqual([[], 1]);
  });

  it("renews the token it issued, to the full expiry each time", async () => {
    const clock = fakeClock();
    const viewers = service(memoryViewers(clock));
    const issued = await viewers.admit("ada", null);
    const token = "token" in issued ? issued.token : "";

    for (let i = 0; i < 3; i++) {
      await clock.advance(29_999);
      expect(await viewers.admit("ada", token)).toEqual({ answer: "renewed", token });
    }
    await clock.advance(30_000);
    expect(await viewers.admit("ada", token)).toEqual({ answer: "token expired" });
  });

  it("issues up to the limit, then refuses", async () => {
    const viewers = service(memoryViewers(fakeClock()));

    const answers = [];
    for (let i = 0; i < 4; i++) answers.push((await viewers.admit("ada", null)).answer);

    expect(answers).toEqual(["issued", "issued", "issued", "limit reached"]);
  });

  it("says of a token that was ended what the first version said of any that is dead", async () => {
    const store = memoryViewers(fakeClock());
    const viewers = service(store);
    const issued = await viewers.admit("ada", null);
    const token = "token" in issued ? issued.token : "";
    const { session, operation } = store.asked[0]!;
    const { tokenHash } = operation as { tokenHash: string };
    await store.apply(session, { do: "stop", which: { tokenHash }, rules: operation.rules });

    expect(await viewers.admit("ada", token)).toEqual({ answer: "token expired" });
  });

  it.each([["*"], ["a:b"], ["[a-z]"], ["a/b"], ["\u0000"], ["x".repeat(5000)], ["пример 🎬"]])(
    "takes the session name %j as data",
    async (name) => {
      const store = memoryViewers(fakeClock());
      const viewers = service(store);
      const other = await viewers.admit("a", null);
      const foreign = "token" in other ? other.token : "";

      for (let i = 0; i < 3; i++) expect((await viewers.admit(name, null)).answer).toBe("issued");

      expect((await viewers.admit(name, null)).answer).toBe("limit reached");
      expect((await viewers.admit(name, foreign)).answer).toBe("token expired");
      expect((await viewers.admit("a", foreign)).answer).toBe("renewed");
      for (const { session } of store.asked) expect(session.key).toMatch(/^[0-9a-f]{64}$/);
    },
  );

  it("tells the store only hashes of tokens, and no long name", async () => {
    const store = memoryViewers(fakeClock());
    const viewers = service(store);
    const answer = await viewers.admit("x".repeat(257), null);
    await viewers.admit("x".repeat(256), null);
    await viewers.admit("\u0001".repeat(256), null);
    const token = "token" in answer ? answer.token : "";

    expect(JSON.stringify(store.asked)).not.toContain(token);
    expect(store.asked[0]?.operation).toMatchObject({ tokenHash: hash(token).slice(0, 32) });
    expect(store.asked.map(({ session }) => session.name)).toEqual([null, "x".repeat(256), null]);
  });

  it("fails when the store fails", async () => {
    const viewers = service({ apply: () => Promise.reject(new RigError("ETCD_UNREACHABLE", "away")) });

    await expect(viewers.admit("ada", null)).rejects.toMatchObject({ code: "ETCD_UNREACHABLE" });
    await expect(viewers.admit("ada", "token")).rejects.toMatchObject({ code: "ETCD_UNREACHABLE" });
  });
});
