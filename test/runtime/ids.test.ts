import { expect, it } from "vitest";
import { systemIds } from "../../src/runtime/ids.ts";
import type { Ids } from "../../src/services/ids.ts";

const ids: Ids = systemIds;

it("makes ULIDs that sort by time", () => {
  expect(ids.ulid()).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
});

it("makes stream keys of at least 128 random bits that need no escaping", () => {
  const keys = new Set(Array.from({ length: 1000 }, () => ids.streamKey()));

  expect(keys.size).toBe(1000);
  for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9_-]{22,}$/);
});
