import { describe, expect, it } from "vitest";
import type { ViewerOperation } from "../../src/domain/viewer-operation.ts";
import type { RedisClient } from "../../src/redis/client.ts";
import { redisKeys } from "../../src/redis/keys.ts";
import { ViewerQueue } from "../../src/redis/viewer-queue.ts";
import { WaitingCalls } from "../../src/redis/waiting.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { until } from "../support/until.ts";

const RULES = { limit: 3, expiryMs: 30_000, perDevice: null, perContent: null, policy: "reject" } as const;
const LIST: ViewerOperation = { do: "list", rules: RULES };

function open() {
  const waiting = new WaitingCalls(fakeClock());
  const calls: (readonly string[])[] = [];
  const run: RedisClient["run"] = async (_what, _script, _key, args) => {
    waiting.add(() => {})(); // as the client's own does
    calls.push(args);
    const verdicts = args.flatMap((each) => (each === "list" ? ["listed"] : []));
    return [1_000, null, verdicts.join()];
  };
  const redis: RedisClient = { keys: redisKeys(), waiting, run, read: () => Promise.reject(), close: async () => {} };
  let isIdle = false;
  const queue = new ViewerQueue({ redis, now: null }, { key: "a".repeat(64), name: "ada" }, () => {
    isIdle = true;
  });
  return { waiting, calls, queue, isIdle: () => isIdle };
}

describe("ViewerQueue in Redis", () => {
  it("lets requests of one tick share a call", async () => {
    const { queue, calls, isIdle } = open();

    const answers = await Promise.all([queue.apply(LIST), queue.apply(LIST)]);

    expect(answers).toMatchObject([{ answer: "listed" }, { answer: "listed" }]);
    expect(calls).toHaveLength(1);
    expect(isIdle()).toBe(true);
  });

  it("is of no more use where its only request was refused before it waited", async () => {
    const { queue, waiting, isIdle } = open();
    await waiting.close();

    await expect(queue.apply(LIST)).rejects.toThrow("the client is closed");

    await until(isIdle);
  });
});
