import { expect, it } from "vitest";
import { usageReportsSchema } from "../../src/api/schemas/publishes.ts";
import type { UsageReport } from "../../src/domain/usage.ts";
import { usageBatches } from "../../src/services/usage-batches.ts";

const report = (publishId: string, destinations: number): UsageReport => ({
  publishId,
  liveSeconds: 1,
  ingestBytes: 1,
  destinations: Array.from({ length: destinations }, (_, n) => ({
    destinationId: `01JD0000000000000000000${String(n).padStart(3, "0")}`,
    egressSeconds: 3_600.5,
    egressBytes: 10 ** 12,
  })),
  end: null,
});
const LIMIT_BYTES = 2 * 1024 * 1024; // of the route

it.each([
  { publishes: 0, destinations: 0, batches: [] },
  { publishes: 1, destinations: 0, batches: [1] },
  { publishes: 1, destinations: 256, batches: [1] },
  { publishes: 1, destinations: 257, batches: [2] },
  { publishes: 2_001, destinations: 0, batches: [2_000, 1] },
  { publishes: 32, destinations: 256, batches: [31, 1] },
])("cuts $publishes publishes with $destinations destinations each", ({ publishes, destinations, batches }) => {
  const reports = Array.from({ length: publishes }, (_, n) => report(`publish-${n}`, destinations));

  const cut = usageBatches(reports);

  expect(cut.map(({ length }) => length)).toEqual(batches);
  expect(cut.flat().flatMap((part) => part.destinations)).toEqual(reports.flatMap((part) => part.destinations));
  for (const batch of cut) {
    expect(usageReportsSchema.safeParse({ reports: batch }).success).toBe(true);
    expect(JSON.stringify({ reports: batch }).length).toBeLessThan(LIMIT_BYTES);
  }
});
