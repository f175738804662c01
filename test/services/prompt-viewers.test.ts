import { describe, expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import type { ViewerAnswer, ViewerOperation } from "../../src/domain/viewer-operation.ts";
import { promptViewers } from "../../src/services/prompt-viewers.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { memoryViewers } from "../support/memory-viewers.ts";

const EVE = { key: "e".repeat(64), name: "eve" };
const RULES = { limit: 3, expiryMs: 30_000, perDevice: null, perContent: null, policy: "reject" } as const;
const LIST: ViewerOperation = { do: "list", rules: RULES };
const LATE = { code: "OVERLOADED", message: "list a viewer token: no answer within 1900 ms" };

describe("promptViewers", () => {
  it("answers as its store does", async () => {
    const clock = fakeClock();
    const failure = new RigError("ETCD_UNREACHABLE", "away");

    const answer = await promptViewers(memoryViewers(clock), clock).apply(EVE, LIST);
    const failing = promptViewers({ apply: () => Promise.reject(failure) }, clock).apply(EVE, LIST);

    expect(answer).toMatchObject({ answer: "listed", limit: 3 });
    await expect(failing).rejects.toBe(failure);
  });

  it("says within two seconds that a store never answered, and does not before", async () => {
    const clock = fakeClock();
    const store = promptViewers({ apply: () => new Promise<never>(() => {}) }, clock);
    const said: unknown[] = [];
    const ask = () => void store.apply(EVE, LIST).catch((error: unknown) => said.push(error));

    ask();
    await clock.advance(1_000);
    ask();
    await clock.advance(850);
    expect(said).toEqual([]);
    await clock.advance(100);
    expect(said).toMatchObject([LATE]);
    await clock.advance(1_000);

    expect(said).toMatchObject([LATE, LATE]);
  });

  it("gives nobody what its store answers too late", async () => {
    const clock = fakeClock();
    const held: ((answer: ViewerAnswer) => void)[] = [];
    const store = promptViewers({ apply: () => new Promise((resolve) => held.push(resolve)) }, clock);
    const asked = store.apply(EVE, LIST).then(
      () => "answered",
      () => "refused",
    );

    await clock.advance(1_950);
    held[0]?.({ answer: "listed", at: 0, limit: 3, active: [] });

    expect(await asked).toBe("refused");
  });

  it("lets its timer go when nobody waits", async () => {
    const clock = fakeClock();
    const store = promptViewers(memoryViewers(clock), clock);

    await store.apply(EVE, LIST);
    await clock.advance(50);
    expect(clock.sleepers()).toBe(0);
    await store.apply(EVE, LIST);

    expect(clock.sleepers()).toBe(1);
  });
});
