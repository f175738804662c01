import { describe, expect, it } from "vitest";
import { changedQuota, checkQuota, NO_QUOTA } from "../../src/domain/user-quota.ts";

describe("checkQuota", () => {
  it.each([1, 2, 1_000, null])("takes %j", (viewerTokens) => {
    expect(checkQuota({ viewerTokens })).toEqual({ viewerTokens });
  });

  it.each([0, -1, 1_001, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d, and names the field", (most) => {
    const asked = () => checkQuota({ viewerTokens: 1, viewerTokensPerDevice: most });

    expect(asked).toThrow(
      `viewerTokensPerDevice must be a whole number from 1 to 1000, or null for no limit, got ${most}`,
    );
  });
});

it("a change is what is not so already", () => {
  const quota = { ...NO_QUOTA, viewerTokens: 3 };

  expect(changedQuota(quota, { viewerTokens: 3, viewerTokensPerDevice: null, viewerTokensPerContent: 2 })).toEqual({
    viewerTokensPerContent: 2,
  });
  expect(changedQuota(quota, { viewerTokens: null })).toEqual({ viewerTokens: null });
  expect(changedQuota(quota, {})).toEqual({});
});
