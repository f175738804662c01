import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lowest, rulesOf } from "../../src/domain/session-rules.ts";
import { NO_QUOTA } from "../../src/domain/user-quota.ts";
import type { ViewerRules } from "../../src/domain/viewer-operation.ts";

const FAMILY: ViewerRules = { limit: 4, expiryMs: 60_000, perDevice: 2, perContent: null, policy: "evict-oldest" };
const rules = new Map([["family", FAMILY]]);

describe("rulesOf", () => {
  it("is the plan, where nothing else is said", () => {
    expect(rulesOf(rules, "family", null)).toEqual(FAMILY);
    expect(rulesOf(rules, "family", null, NO_QUOTA)).toEqual(FAMILY);
  });

  it.each([
    ["the plan", null, null, 4],
    ["the plan", 5, 6, 4],
    ["the plan", 4, 4, 4],
    ["the named limit", 2, 3, 2],
    ["the named limit", 2, null, 2],
    ["the user's quota", 3, 2, 2],
    ["the user's quota", null, 1, 1],
  ])("takes the limit of %s, of 4 with %j named and a quota of %j", (_whose, limit, viewerTokens, expected) => {
    expect(rulesOf(rules, "family", limit, { ...NO_QUOTA, viewerTokens })).toEqual({ ...FAMILY, limit: expected });
  });

  it("takes the smaller one with a device and with a content, each by itself", () => {
    const quota = { viewerTokens: null, viewerTokensPerDevice: 1, viewerTokensPerContent: 3 };

    expect(rulesOf(rules, "family", null, quota)).toEqual({ ...FAMILY, perDevice: 1, perContent: 3 });
    expect(rulesOf(rules, "family", null, { ...quota, viewerTokensPerDevice: 9 })).toMatchObject({ perDevice: 2 });
  });

  it("knows no other plan", () => {
    expect(() => rulesOf(rules, "gold", 1)).toThrow('plan must be one of family, got "gold"');
  });
});

it("no limit is higher than any", () => {
  const limit = fc.option(fc.integer({ min: 1, max: 1_000 }));

  fc.assert(
    fc.property(limit, limit, (one, other) => {
      const both = lowest(one, other);
      expect(both).toBe(lowest(other, one));
      expect(both ?? 1_001).toBe(Math.min(one ?? 1_001, other ?? 1_001));
    }),
  );
});
