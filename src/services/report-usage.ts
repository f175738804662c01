import type { UsageAnswer, UsageReport } from "../domain/usage.ts";
import type { Edge, EdgePublish } from "./edge.ts";
import { dropPublish } from "./end-publish.ts";
import { refreshTargets } from "./refresh-targets.ts";
import { usageBatches } from "./usage-batches.ts";

/** The cumulative counters of one publish now. Its end is told only once they are final. */
export function usageReport({ ports }: Edge, publish: EdgePublish): UsageReport {
  const until = publish.end?.monotonic ?? ports.clock.monotonic();
  return {
    publishId: publish.publishId,
    liveSeconds: Math.max(0, (until - publish.startedMonotonic) / 1000),
    ingestBytes: publish.ingestBytes,
    destinations: publish.relays.usage(),
    end: publish.ended ? (publish.end?.reason ?? null) : null,
  };
}

/**
 * Reports all publishes, and does what the answers say: drop, fetch destinations again, forget what has
 * ended. Rejects where the server is away: nothing is lost, the next report carries the same counters or more.
 */
export async function reportUsage(edge: Edge, signal: AbortSignal): Promise<void> {
  const reports = [...edge.publishes.values()].map((publish) => usageReport(edge, publish));
  if (reports.length === 0) return;
  const answers = new Map<string, UsageAnswer>();
  for (const batch of usageBatches(reports))
    for (const answer of await edge.ports.server.report(batch, signal)) answers.set(answer.publishId, answer);
  for (const report of reports) {
    const publish = edge.publishes.get(report.publishId);
    const answer = answers.get(report.publishId);
    if (!publish || !answer) continue;
    if (report.end !== null) edge.publishes.delete(report.publishId);
    else if (publish.end === null) await follow(edge, publish, answer, signal);
  }
}

async function follow(edge: Edge, publish: EdgePublish, answer: UsageAnswer, signal: AbortSignal): Promise<void> {
  if (!answer.known) await dropPublish(edge, publish, "unknown to the server");
  else if (answer.drop !== null) await dropPublish(edge, publish, answer.drop);
  else if (answer.revision > publish.revision) await refreshTargets(edge, publish, signal);
}
