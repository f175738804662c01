import { describe, expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import { noViewerCounts } from "../../src/domain/viewer-activity.ts";
import type { ViewerOperation, ViewerRules } from "../../src/domain/viewer-operation.ts";
import { NO_DETAILS } from "../../src/domain/viewer-session.ts";
import { countedViewers, ViewerCounters } from "../../src/services/viewer-counters.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { memoryViewers } from "../support/memory-viewers.ts";

const RULES: ViewerRules = { limit: 2, expiryMs: 30_000, perDevice: 1, perContent: 1, policy: "reject" };
const EVE = { key: "e".repeat(64), name: "eve" };
const hash = (digit: string) => digit.repeat(32);
const id = (digit: string) => digit.repeat(16);
const tv = { ...NO_DETAILS, device: "tv" };
const by = { publicId: null, device: null, label: "operator", address: null };

const create = (digit: string, details = NO_DETAILS, rules = RULES): ViewerOperation => ({
  ...{ do: "create", tokenHash: hash(digit), details, rules, evict: null },
});
const refresh = (digit: string): ViewerOperation => ({ do: "refresh", tokenHash: hash(digit), rules: RULES });
const stop = (digit: string): ViewerOperation => ({ do: "stop", which: { publicId: id(digit) }, rules: RULES });
const evict = (digit: string): ViewerOperation => ({
  ...{ do: "evict", publicId: id(digit), by, note: null, rules: RULES },
});

function open() {
  const counters = new ViewerCounters();
  const store = countedViewers(memoryViewers(fakeClock()), counters);
  return {
    counters,
    async ask(...operations: ViewerOperation[]) {
      for (const operation of operations) await store.apply(EVE, operation);
    },
  };
}

describe("ViewerCounters", () => {
  it("counts each answer as what it is", async () => {
    const { counters, ask } = open();

    await ask(create("a", tv), create("a", tv), refresh("a")); // issued, repeated, renewed
    await ask(create("b", tv)); // the device is full
    await ask(create("b", { ...NO_DETAILS, content: "film" }), create("c", { ...NO_DETAILS, content: "film" }));
    await ask(create("c"), refresh("f")); // the session is full; a token that nobody has
    await ask(stop("a"), refresh("a"), evict("b"), refresh("b")); // ended twice, and both asked again

    expect(counters.snapshot()).toEqual({
      ...{ issued: 2, repeated: 1, renewed: 1, stopped: 1, evicted: 1 },
      ...{ noSession: 0, sessionFull: 1, deviceFull: 1, contentFull: 1, expired: 1, ended: 2, failed: 0 },
    });
    expect(counters.takeBusiest(5)).toEqual([
      { key: EVE.key, name: "eve", operations: 12, refused: 6, live: 0, limit: 2 },
    ]);
  });

  it("counts those that a new one put out", async () => {
    const { counters, ask } = open();
    const rules = { ...RULES, policy: "evict-oldest" } as const;

    await ask(create("a", NO_DETAILS, rules), create("b", NO_DETAILS, rules), create("c", NO_DETAILS, rules));

    expect(counters.snapshot()).toMatchObject({ issued: 3, evicted: 1 });
  });

  it("calls no list, and no stop of a token that is gone, a refusal", async () => {
    const { counters, ask } = open();

    await ask({ do: "list", rules: RULES }, stop("a"), evict("a"));

    expect(counters.snapshot()).toEqual(noViewerCounts());
    expect(counters.takeBusiest(5)).toMatchObject([{ operations: 3, refused: 0 }]);
  });

  it("counts what the store threw, and throws it", async () => {
    const counters = new ViewerCounters();
    const failure = new RigError("ETCD_UNREACHABLE", "away");
    const store = countedViewers({ apply: () => Promise.reject(failure) }, counters);

    await expect(store.apply(EVE, refresh("a"))).rejects.toBe(failure);

    expect(counters.snapshot()).toMatchObject({ failed: 1 });
    expect(counters.takeBusiest(5)).toMatchObject([{ name: "eve", operations: 1, refused: 0 }]);
  });

  it("tells the busiest since it was asked last", async () => {
    const { counters, ask } = open();
    await ask(create("a"));

    counters.takeBusiest(5);

    expect(counters.takeBusiest(5)).toEqual([]);
  });
});
