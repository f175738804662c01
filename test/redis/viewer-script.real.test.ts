import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FullPolicy, ViewerOperation } from "../../src/domain/viewer-operation.ts";
import { decideViewers } from "../../src/domain/viewer-rule.ts";
import { NO_DETAILS, NO_VIEWERS, type ViewerSession } from "../../src/domain/viewer-session.ts";
import { redisViewerSessions } from "../../src/redis/viewer-sessions.ts";
import { readViewers } from "../../src/services/stored-viewers.ts";
import { hashOf, sessionNamed } from "../services/viewer-store-contract.ts";
import { fullCount } from "../support/full-count.ts";
import { startRedis } from "../support/redis.ts";
import { redisWorld } from "../support/redis-world.ts";

const HASHES = ["a", "b", "c", "d", "e", "f"].map(hashOf);
/** Some of them look like a part of what is kept. */
const text = fc.constantFrom(
  ...[null, "tv", 'a "quoted"/\\ \u0007\u{1f3ac}', "]", "],[", "]}", "]]}", '],["', ',"t":[', "\\"],
  `],["${hashOf("a")}",1,9999999999999]`,
  `]]}","t":[["${hashOf("a")}",1,9999999999999]]}`,
);
const tokenHash = fc.constantFrom(...HASHES);
const publicId = tokenHash.map((hash) => hash.slice(0, 16));
const rules = fc.record({
  limit: fc.integer({ min: 1, max: 6 }),
  expiryMs: fc.constantFrom(1, 1_000, 30_000, 30_000),
  perDevice: fc.constantFrom(null, null, 1, 2),
  perContent: fc.constantFrom(null, 1),
  policy: fc.constantFrom<FullPolicy>("reject", "evict-oldest", "evict-named"),
});
const details = fc.oneof(
  fc.constant(NO_DETAILS),
  fc.record({ device: text, content: text, label: text, address: text }),
);
const by = fc.record({ publicId: fc.constant(null), device: text, label: text, address: text });
const operation: fc.Arbitrary<ViewerOperation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("create"), rules, tokenHash, details, evict: fc.option(publicId) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("refresh"), rules, tokenHash }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ do: fc.constant("stop"), rules },
      which: fc.oneof(fc.record({ tokenHash }), fc.record({ publicId })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("evict"), rules, publicId, by, note: text }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("list"), rules }) },
) as fc.Arbitrary<ViewerOperation>;
/** What nearly all calls are, for which the script has a shorter way. */
const usualRules = fc.record({
  limit: fc.integer({ min: 1, max: 4 }),
  expiryMs: fc.constantFrom(1_000, 30_000),
  ...{ perDevice: fc.constant(null), perContent: fc.constant(null), policy: fc.constant("reject") },
});
const usual: fc.Arbitrary<ViewerOperation> = fc.oneof(
  fc.record({ do: fc.constant("create"), rules: usualRules, tokenHash, details, evict: fc.constant(null) }),
  fc.record({ do: fc.constant("refresh"), rules: usualRules, tokenHash }),
) as fc.Arbitrary<ViewerOperation>;
/** Together as one change, so many ms after the one before; a clock may go back. */
const changes = (together: fc.Arbitrary<ViewerOperation[]>) =>
  fc.array(fc.record({ afterMs: fc.constantFrom(0, 1, 500, 1_000, 29_999, 30_000, -2_000), together }), {
    minLength: 1,
    maxLength: 25,
  });

describe("the script of viewer sessions", () => {
  const world = redisWorld(startRedis);

  it.each([
    ["of every kind, several at once", changes(fc.array(operation, { minLength: 1, maxLength: 4 }))],
    ["of the usual kind, one at a time", changes(fc.array(usual, { minLength: 1, maxLength: 1 }))],
  ])("keeps what the rule says, and answers what the rule answers: %s", async (_what, orders) => {
    let at = 0;
    const redis = world.client();
    const store = redisViewerSessions(redis, { now: () => at });
    let runs = 0;

    await fc.assert(
      fc.asyncProperty(text, orders, async (named, all) => {
        const session = sessionNamed(`run ${++runs} ${named ?? ""}`);
        const key = redis.keys.viewerSession(session.key);
        let expected: ViewerSession = NO_VIEWERS;
        at = 1_800_000_000_000;
        for (const { afterMs, together } of all) {
          at += afterMs;
          const [first, ...others] = together as [ViewerOperation, ...ViewerOperation[]];
          const answers = [await store.apply(session, first)]; // the others are one change
          answers.push(...(await Promise.all(others.map((each) => store.apply(session, each)))));

          const alone = decideViewers(expected, [first], at);
          const folded = decideViewers(alone.session, others, at);
          expect(answers).toEqual([...alone.answers, ...folded.answers]);
          expected = folded.session;
          const kept = await world.redis.admin.get(key);
          expect(kept === null ? { ...NO_VIEWERS, name: session.name } : readViewers(key, kept)).toEqual(
            expected === NO_VIEWERS ? { ...NO_VIEWERS, name: session.name } : { ...expected, name: session.name },
          );
        }
      }),
      { numRuns: fullCount(150, 5_000, "RIG_FUZZ_RUNS") },
    );
  });

  it("knows of no more than the last sixteen that ended", async () => {
    const redis = world.client();
    const store = redisViewerSessions(redis, { now: () => 1_800_000_000_000 });
    const session = sessionNamed("ada");
    const rules = { limit: 1, expiryMs: 1_000, perDevice: null, perContent: null, policy: "evict-oldest" } as const;
    const hashes = Array.from({ length: 18 }, (_, n) => hashOf(String(n)));

    for (const tokenHash of hashes)
      await store.apply(session, { do: "create", rules, tokenHash, details: NO_DETAILS, evict: null });

    const kept = readViewers("", (await world.redis.admin.get(redis.keys.viewerSession(session.key))) ?? "");
    expect(kept.ended.map(({ tokenHash }) => tokenHash)).toEqual(hashes.slice(1, 17));
    expect(kept.tokens.map(({ tokenHash }) => tokenHash)).toEqual(hashes.slice(17));
  });

  it("leaves nothing behind for ever, and decides nothing by it", async () => {
    const redis = world.client();
    const store = redisViewerSessions(redis);
    const session = sessionNamed("ada");
    const rule = { limit: 1, expiryMs: 1_000, perDevice: null, perContent: null, policy: "reject" } as const;
    const create = { do: "create", rules: rule, tokenHash: hashOf("a"), details: NO_DETAILS, evict: null } as const;

    await store.apply(session, create);

    const leftMs = await world.redis.admin.pttl(redis.keys.viewerSession(session.key));
    expect(leftMs).toBeGreaterThan(31_000);
    expect(leftMs).toBeLessThanOrEqual(61_000);

    const longer = { ...create, rules: { ...rule, limit: 3, expiryMs: 600_000 }, tokenHash: hashOf("b") };
    for (const each of [longer, { ...create, rules: { ...rule, limit: 3 }, tokenHash: hashOf("c") }])
      await store.apply(session, each);
    expect(await world.redis.admin.pttl(redis.keys.viewerSession(session.key))).toBeGreaterThan(600_000);
  });
});
