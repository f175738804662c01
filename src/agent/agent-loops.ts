import { type Doorbell, doorbell } from "../runtime/doorbell.ts";
import { repeat } from "../runtime/repeat.ts";
import { countIngest, livePublishes } from "../services/count-ingest.ts";
import { type Edge, slotsUsed } from "../services/edge.ts";
import { dropPublish } from "../services/end-publish.ts";
import { refreshTargets } from "../services/refresh-targets.ts";
import { reportUsage } from "../services/report-usage.ts";
import type { AgentPorts } from "./agent-ports.ts";

const COUNT_MS = 1_000;
const REPORT_MS = 5_000;
const LIVE_MS = 10_000; // how old a live page may get
const GAP_MS = 1_000; // a change shows within this, and writes no more often

/** One bell for each loop that follows what happens on the edge. */
export interface AgentBells {
  readonly live: Doorbell;
  readonly report: Doorbell;
}

export const agentBells = (): AgentBells => ({ live: doorbell(), report: doorbell() });

/** The agent's loops beside the ingest; resolves when all of them have ended. */
export async function agentLoops(edge: Edge, ports: AgentPorts, bells: AgentBells, signal: AbortSignal): Promise<void> {
  const { clock, log } = ports;
  await Promise.all([
    repeat({ everyMs: COUNT_MS, failure: "ingest not counted", clock, log }, counter(edge, ports), signal),
    repeat(
      { everyMs: REPORT_MS, gapMs: GAP_MS, bell: bells.report, failure: "usage not reported", clock, log },
      () => reportUsage(edge, signal),
      signal,
    ),
    repeat(
      { everyMs: LIVE_MS, gapMs: GAP_MS, bell: bells.live, failure: "live status not written", clock, log },
      () => showLive(edge, ports),
      signal,
    ),
    followOrders(edge, ports, signal),
  ]);
}

function counter(edge: Edge, { ingest, clock }: AgentPorts): () => Promise<void> {
  let countedAt = clock.monotonic();
  return async () => {
    const stats = await ingest.stat();
    const now = clock.monotonic();
    countIngest(edge, stats, now - countedAt);
    countedAt = now;
  };
}

async function showLive(
  edge: Edge,
  { agentId, live, registry, status, slotsTotal, ingest }: AgentPorts,
): Promise<void> {
  await live.write(agentId, livePublishes(edge));
  await registry.announce({
    ...status,
    agentId,
    state: edge.draining ? "draining" : "ready",
    slots: { total: slotsTotal, used: slotsUsed(edge) },
    ingestUrl: ingest.publishUrl,
  });
}

/** Does what others put under `wanted/` and `drops/` for this agent. */
async function followOrders(
  edge: Edge,
  { agentId, wanted, dropOrders }: AgentPorts,
  signal: AbortSignal,
): Promise<void> {
  const live = (publishId: string) => {
    const publish = edge.publishes.get(publishId);
    return publish && publish.end === null ? publish : null;
  };
  await Promise.all([
    wanted.watch(
      agentId,
      (publishId, revision) => {
        const publish = live(publishId);
        if (publish && revision > publish.revision) void refreshTargets(edge, publish, signal); // never rejects
      },
      signal,
    ),
    dropOrders.watch(
      agentId,
      (publishId, reason) => {
        const publish = live(publishId);
        if (publish) void dropPublish(edge, publish, reason); // never rejects
      },
      signal,
    ),
  ]);
}
