import { beforeEach, describe, expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import { FailureLog } from "../../src/services/failure-log.ts";
import { loggedViewers } from "../../src/services/logged-viewers.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";
import { memoryViewers } from "../support/memory-viewers.ts";

const AWAY = new RigError("ETCD_UNREACHABLE", "etcd: it is not trusted", { hint: "Check ETCD_CA." });
const LATE = new RigError("OVERLOADED", "no answer within 1900 ms");

type Line = readonly [level: "info" | "error", message: string, fields: object];

let clock: FakeClock;
let lines: Line[];
let failures: FailureLog;
beforeEach(() => {
  [clock, lines] = [fakeClock(), []];
  const say = (level: Line[0]) => (fields: object, message: string) => void lines.push([level, message, fields]);
  failures = new FailureLog({ what: "tokens", clock, log: { info: say("info"), error: say("error") } });
});

const fail = (times: number, error: unknown = AWAY) => {
  for (let n = 0; n < times; n++) failures.failed(error);
};
/** What was said since this was last asked. */
const said = () => lines.splice(0);
const told = (failed: object) => ["error", "tokens fail", { failed, reason: AWAY.message, hint: AWAY.hint }];

describe("the log of failures", () => {
  it("tells the first at once, with reason and hint, and of a store that is away no stack", () => {
    fail(1);

    expect(said()).toEqual([told({ ETCD_UNREACHABLE: 1 })]);
  });

  it("tells of a hundred thousand in one line every ten seconds, by their codes", async () => {
    fail(100_000);
    expect(said()).toHaveLength(1);

    await clock.advance(9_999);
    fail(7);
    expect(said()).toEqual([]);
    await clock.advance(1);
    fail(1);

    expect(said()).toEqual([told({ ETCD_UNREACHABLE: 100_007 })]);
  });

  it("tells at once of a code that was not told yet, and what came meanwhile with it", () => {
    fail(5);
    fail(1, LATE);
    fail(5, LATE);

    expect(said()).toEqual([
      told({ ETCD_UNREACHABLE: 1 }),
      ["error", "tokens fail", { failed: { ETCD_UNREACHABLE: 4, OVERLOADED: 1 }, reason: LATE.message }],
    ]);
  });

  it.each([new TypeError("a bug"), new RigError("INTERNAL", "etcd: a value of another hand")])(
    "shows %s whole, and in the midst of others too",
    (error) => {
      fail(3);
      fail(3, error);

      expect(said()[1]).toEqual(["error", "tokens fail", { failed: { ETCD_UNREACHABLE: 2, INTERNAL: 1 }, err: error }]);
    },
  );

  it("tells once that it works again, when nothing has failed for three seconds", async () => {
    fail(4);
    await clock.advance(500);
    fail(1);
    await clock.advance(2_999);
    failures.worked();
    expect(said()).toHaveLength(1);
    await clock.advance(1);
    for (let n = 0; n < 3; n++) failures.worked();

    expect(said()).toEqual([["info", "tokens work again", { failed: { ETCD_UNREACHABLE: 4 }, failedForMs: 500 }]]);
  });

  it("tells the first failure after that at once again", async () => {
    fail(1);
    await clock.advance(3_000);
    failures.worked();
    said();

    fail(1);

    expect(said()).toEqual([told({ ETCD_UNREACHABLE: 1 })]);
  });

  it("says nothing while all works", () => {
    failures.worked();

    expect(said()).toEqual([]);
  });
});

describe("a store that the log hears of", () => {
  const EVE = { key: "e".repeat(64), name: "eve" };
  const LIST = {
    do: "list",
    rules: { limit: 3, expiryMs: 30_000, perDevice: null, perContent: null, policy: "reject" },
  } as const;

  it("answers and fails as it did", async () => {
    const memory = memoryViewers(clock);
    let isAway = true;
    const apply: typeof memory.apply = (...asked) => (isAway ? Promise.reject(AWAY) : memory.apply(...asked));
    const store = loggedViewers({ apply }, failures);

    await expect(store.apply(EVE, LIST)).rejects.toBe(AWAY);
    isAway = false;
    await clock.advance(3_000);
    const { answer } = await store.apply(EVE, LIST);

    expect(answer).toBe("listed");
    expect(said().map(([, message]) => message)).toEqual(["tokens fail", "tokens work again"]);
  });
});
