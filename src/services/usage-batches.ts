import { USAGE_LIMITS, type UsageReport } from "../domain/usage.ts";

const BATCH_DESTINATIONS = 8_000; // some 115 bytes each: half of what the server takes at once

/**
 * Cuts reports into batches that the server takes. A publish whose destinations were changed very often is reported in
 * parts: its counters are cumulative, so the parts add nothing twice.
 */
export function usageBatches(reports: readonly UsageReport[]): UsageReport[][] {
  const batches: UsageReport[][] = [];
  let destinations = 0;
  for (const part of reports.flatMap(inParts)) {
    destinations += part.destinations.length;
    const last = batches.at(-1);
    if (last && last.length < USAGE_LIMITS.reports && destinations <= BATCH_DESTINATIONS) last.push(part);
    else {
      batches.push([part]);
      destinations = part.destinations.length;
    }
  }
  return batches;
}

function inParts(report: UsageReport): UsageReport[] {
  const { destinations } = report;
  const parts: UsageReport[] = [];
  for (let at = 0; at === 0 || at < destinations.length; at += USAGE_LIMITS.destinations)
    parts.push({ ...report, destinations: destinations.slice(at, at + USAGE_LIMITS.destinations) });
  return parts;
}
