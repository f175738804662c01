import { isRigError, RigError } from "../domain/errors.ts";
import type { RefusalCode } from "../domain/publish.ts";
import type { Edge, EdgePublish } from "./edge.ts";
import { slotsUsed } from "./edge.ts";
import { dropPublish, endPublish } from "./end-publish.ts";
import type { PublishDecision, PublishRequest } from "./ingest.ts";
import { preSubscribed } from "./pre-subscribe.ts";
import type { PublishGrant } from "./publishes.ts";

const STALE_MS = 3_000; // a holder whose bytes stood still this long may be taken over by its own stream key
const HAND_OVER_MS = 2_500; // how long a publish waits for its ending predecessor; ingests give a decision 4-5 s
const POLL_MS = 10;

/**
 * Decides on a publish: the server's yes, a free slot for each relay, the claim of the stream, then the relays, which
 * wait at the ingest for frame 0. Whatever was begun is undone where the answer is no or the publisher leaves.
 * Never rejects.
 */
export async function acceptPublish(
  edge: Edge,
  request: PublishRequest,
  signal: AbortSignal,
): Promise<PublishDecision> {
  const { log } = edge.ports;
  const { clientId, clientAddress } = request;
  try {
    if (edge.draining) throw drains();
    if (!edge.ports.lease.isSure()) throw new RigError("ETCD_UNREACHABLE", "this edge's lease is in doubt");
    if (!edge.wrongKeys.mayTry(clientAddress))
      throw new RigError("TOO_MANY_TRIES", "too many wrong stream keys from this address, try again later");
    await handOver(edge, request, signal);
    const publish = await open(edge, request, signal);
    log.info({ publishId: publish.publishId, streamId: publish.streamId, clientId, clientAddress }, "publish accepted");
    return { accepted: true, localName: publish.publishId };
  } catch (error) {
    const { code, message } = refusal(error);
    if (WRONG_KEY.includes(code)) edge.wrongKeys.countWrong(clientAddress);
    log.warn(
      { clientId, clientAddress, code, reason: message, ...(isRigError(error) ? {} : { err: error }) },
      "publish refused",
    );
    return { accepted: false, code, message };
  }
}

/** Makes way for a reconnecting encoder: its own earlier publish that is ending, or stands still, is waited for. */
async function handOver(edge: Edge, request: PublishRequest, signal: AbortSignal): Promise<void> {
  const { clock, digest } = edge.ports;
  const streamKeyDigest = digest(request.streamKey.open());
  for (const earlier of edge.publishes.values()) {
    if (earlier.streamKeyDigest !== streamKeyDigest) continue;
    if (!earlier.ending && clock.monotonic() - earlier.bytesMovedMonotonic >= STALE_MS)
      await dropPublish(edge, earlier, "taken over");
    const deadline = clock.monotonic() + HAND_OVER_MS;
    while (earlier.dropReason !== null && !earlier.ending && clock.monotonic() < deadline && !signal.aborted)
      await clock.sleep(POLL_MS, signal);
    if (earlier.ending) await Promise.race([earlier.ending, clock.sleep(HAND_OVER_MS, signal)]);
  }
}

async function open(edge: Edge, request: PublishRequest, signal: AbortSignal): Promise<EdgePublish> {
  const { streamKey, ingestInstance, clientId, clientAddress } = request;
  const grant = await edge.ports.server.authenticate({ streamKey, ingestInstance, clientId, clientAddress }, signal);
  let publish: EdgePublish;
  try {
    publish = await begin(edge, request, grant);
  } catch (error) {
    await giveBack(edge, grant);
    throw error;
  }
  const relayIds = grant.targets.map(({ destination }) => destination.id);
  await preSubscribed(edge, publish, relayIds, signal);
  if (signal.aborted) {
    await endPublish(edge, publish, "disconnected");
    throw new RigError("CONFLICT", "the publisher left before it was accepted");
  }
  if (publish.end !== null) throw new RigError("CONFLICT", "the publish was dropped before it was accepted");
  return publish;
}

/** Takes the slots, then the claim, and starts the relays. */
async function begin(edge: Edge, request: PublishRequest, grant: PublishGrant): Promise<EdgePublish> {
  const { claims, agentId, slotsTotal } = edge.ports;
  const { streamId, publishId, targets } = grant;
  const left = slotsTotal - slotsUsed(edge) - edge.promisedSlots;
  if (targets.length > left) throw new RigError("NO_SLOTS", `${targets.length} relays needed, ${left} slots left`);
  edge.promisedSlots += targets.length;
  try {
    const claim = await claims.claim({ streamId, agentId, publishId, state: "live" });
    if (!claim.claimed) throw new RigError("STREAM_IN_USE", "the stream is already live");
    if (edge.draining) {
      await claims.release(streamId, publishId);
      throw drains();
    }
    const publish = register(edge, request, grant);
    publish.relays.apply(targets);
    return publish;
  } finally {
    edge.promisedSlots -= targets.length;
  }
}

const drains = () => new RigError("OVERLOADED", "this edge takes no new publish");

/** Tells the server that its yes was not used. */
async function giveBack({ ports }: Edge, grant: PublishGrant): Promise<void> {
  try {
    await ports.server.end(grant.publishId, "claim lost", AbortSignal.timeout(2_000));
  } catch (error) {
    // The server expires an unconfirmed publish by itself.
    ports.log.warn({ publishId: grant.publishId, err: error }, "unused publish not given back");
  }
}

function register(edge: Edge, request: PublishRequest, grant: PublishGrant): EdgePublish {
  const { ports, publishes } = edge;
  const { publishId, streamId, revision } = grant;
  const now = ports.clock.monotonic();
  const publish: EdgePublish = {
    publishId,
    streamId,
    publisher: { ingestInstance: request.ingestInstance, clientId: request.clientId },
    streamKeyDigest: ports.digest(request.streamKey.open()),
    startedAt: ports.clock.now(),
    startedMonotonic: now,
    relays: ports.startRelays(publishId, ports.changed),
    players: new Map(),
    revision,
    ingestBytes: 0,
    ingestBps: 0,
    bytesMovedMonotonic: now,
    dropReason: null,
    end: null,
    ending: null,
    ended: false,
  };
  publishes.set(publishId, publish);
  ports.changed();
  return publish;
}

const WRONG_KEY: readonly RefusalCode[] = ["STREAM_KEY_UNKNOWN", "STREAM_KEY_REVOKED", "STREAM_KEY_EXPIRED"];
const REFUSALS: readonly RefusalCode[] = [
  "STREAM_KEY_UNKNOWN",
  "STREAM_KEY_REVOKED",
  "STREAM_KEY_EXPIRED",
  "USER_DISABLED",
  "TOO_MANY_TRIES",
  "STREAM_IN_USE",
  "NO_SLOTS",
  "INVALID_INPUT",
  "ETCD_UNREACHABLE",
  "SERVER_UNREACHABLE",
  "DATABASE_UNREACHABLE",
  "OVERLOADED",
];

/** Anything that is not a reason to give a publisher is `SERVER_UNREACHABLE`: it may try again. */
function refusal(error: unknown): { code: RefusalCode; message: string } {
  if (!(error instanceof RigError)) return { code: "SERVER_UNREACHABLE", message: "the decision failed" };
  const code = REFUSALS.find((known) => known === error.code);
  if (code !== undefined) return { code, message: error.message };
  const isEtcd = isRigError(error, "LEASE_LOST", "ETCD_AMBIGUOUS");
  return { code: isEtcd ? "ETCD_UNREACHABLE" : "SERVER_UNREACHABLE", message: error.message };
}
