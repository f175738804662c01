import type { PublishEnd } from "../domain/publish.ts";
import type { Edge, EdgePublish } from "./edge.ts";

/**
 * Ends a publish on this edge: its relays first, so that the tail arrives, then its claim. The last usage report is
 * sent by the reporting loop, which forgets the publish once the server has it. Safe to repeat; never rejects.
 */
export function endPublish(edge: Edge, publish: EdgePublish, reason: PublishEnd): Promise<void> {
  publish.ending ??= end(edge, publish, reason);
  return publish.ending;
}

async function end({ ports }: Edge, publish: EdgePublish, reason: PublishEnd): Promise<void> {
  const { publishId, streamId } = publish;
  publish.end = { reason: endOf(publish, reason), monotonic: ports.clock.monotonic() };
  ports.log.info({ publishId, streamId, reason: publish.end.reason, drop: publish.dropReason }, "publish ended");
  ports.changed();
  await publish.relays.stop();
  try {
    await ports.claims.release(streamId, publishId);
    await ports.orders.clear(ports.agentId, publishId);
  } catch (error) {
    // The lease's end releases the claim, and the leader sweeps the orders: nothing is left for good.
    ports.log.warn({ publishId, streamId, err: error }, "claim not released");
  }
  publish.ended = true;
  ports.changed();
  ports.publishEnded();
}

/** A drop ends a publish as `dropped`, unless the drop's own reason is one of a publish's ends. */
function endOf({ dropReason }: EdgePublish, reason: PublishEnd): PublishEnd {
  if (dropReason === null) return reason;
  return dropReason === "agent stopped" || dropReason === "claim lost" ? dropReason : "dropped";
}

/**
 * Disconnects a publisher by rule; the ingest's `ended` then ends the publish. A publisher that the ingest no longer
 * knows is ended here. Safe to repeat; never rejects.
 */
export async function dropPublish(edge: Edge, publish: EdgePublish, reason: string): Promise<void> {
  const { ports } = edge;
  if (publish.end !== null || publish.dropReason !== null) return;
  publish.dropReason = reason;
  ports.log.info({ publishId: publish.publishId, streamId: publish.streamId, reason }, "dropping publisher");
  try {
    if (await ports.ingest.drop(publish.publisher)) return;
    await endPublish(edge, publish, "dropped");
  } catch (error) {
    publish.dropReason = null; // the next order or usage answer tries again
    ports.log.warn({ publishId: publish.publishId, err: error }, "publisher not dropped");
  }
}
