import type { Clock } from "../domain/clock.ts";
import { aborted } from "../runtime/aborted.ts";
import { acceptPublish } from "../services/accept-publish.ts";
import { type Edge, findByPublisher, notePlayer, openEdge } from "../services/edge.ts";
import { dropPublish, endPublish } from "../services/end-publish.ts";
import type { IngestHandlers } from "../services/ingest.ts";
import { reclaimPublishes } from "../services/reclaim-publishes.ts";
import { reportUsage } from "../services/report-usage.ts";
import { agentBells, agentLoops } from "./agent-loops.ts";
import type { AgentPorts } from "./agent-ports.ts";

const DRAIN_MS = 5_000; // publishers dropped and tails flushed; the whole process has 10 s
const LAST_REPORT_MS = 2_000;
const POLL_MS = 20;

/**
 * The agent: decides on publishes, supervises their relays, counts and reports. `ready` is called once the ingest takes
 * publishers. When told to stop it takes nothing new, drops its publishers, flushes the relays, sends the last usage,
 * and resolves when all of it has ended. Rejects where the ingest cannot run.
 */
export async function runAgent(ports: AgentPorts, ready: () => void, signal: AbortSignal): Promise<void> {
  const { log, agentId, ingest } = ports;
  const bells = agentBells();
  const edge = openEdge({ ...ports, changed: bells.live.ring, publishEnded: bells.report.ring });

  const cleared = await ports.staleClaims.clear(agentId);
  if (cleared > 0) log.info({ claims: cleared }, "claims of a dead predecessor removed");
  const forget = ports.lease.onRegranted(() => reclaimPublishes(edge));

  const running = new AbortController(); // outlives `signal` by the time the drain takes
  const serving = ingest.run(handlersOf(edge), ready, running.signal);
  const loops = agentLoops(edge, ports, bells, running.signal);
  try {
    await Promise.race([serving, loops, aborted(signal)]);
  } finally {
    await drain(edge, ports.clock); // also where the ingest has failed: its relays must not outlive it
    forget();
    running.abort();
    await Promise.allSettled([serving, loops]);
  }
}

const handlersOf = (edge: Edge): IngestHandlers => ({
  decide: (request, gone) => acceptPublish(edge, request, gone),
  ended(publisher, reason, bytesIn = 0) {
    const publish = findByPublisher(edge, publisher);
    if (!publish) return;
    publish.ingestBytes = Math.max(publish.ingestBytes, bytesIn);
    void endPublish(edge, publish, reason); // never rejects; the drain waits for it
  },
  playerWaiting({ localName, relayId, clientId }) {
    const publish = edge.publishes.get(localName);
    if (publish && relayId !== null) notePlayer(publish, relayId, clientId);
  },
});

/** Never rejects. */
async function drain(edge: Edge, clock: Clock): Promise<void> {
  const { log } = edge.ports;
  edge.draining = true;
  log.info({ publishes: edge.publishes.size }, "agent stops: no new publish is taken");
  const deadline = clock.monotonic() + DRAIN_MS;
  const patient = new AbortController().signal;
  const publishes = [...edge.publishes.values()];
  await Promise.all(publishes.map((publish) => dropPublish(edge, publish, "agent stopped")));
  for (const publish of publishes) // of an ingest that does not answer: its relays end all the same
    if (publish.dropReason === null) void endPublish(edge, publish, "agent stopped"); // never rejects
  while ([...edge.publishes.values()].some(({ ended }) => !ended) && clock.monotonic() < deadline)
    await clock.sleep(POLL_MS, patient);
  try {
    await reportUsage(edge, AbortSignal.timeout(LAST_REPORT_MS));
  } catch (error) {
    log.warn({ publishes: edge.publishes.size, err: error }, "last usage not reported");
  }
}
