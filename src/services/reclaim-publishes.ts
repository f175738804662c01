import type { Edge } from "./edge.ts";
import { dropPublish } from "./end-publish.ts";

/**
 * Puts the claims of all live publishes back on a new lease. A lost lease cuts nothing, unless another edge took the
 * stream meanwhile: then this one's publish is dropped. Rejects where etcd is away; safe to repeat.
 */
export async function reclaimPublishes(edge: Edge): Promise<void> {
  const { claims, agentId, log } = edge.ports;
  for (const publish of [...edge.publishes.values()]) {
    if (publish.end !== null) continue;
    const { streamId, publishId } = publish;
    const claim = await claims.claim({ streamId, agentId, publishId, state: "live" });
    if (claim.claimed) log.info({ publishId, streamId }, "claim put back");
    else await dropPublish(edge, publish, "claim lost");
  }
  edge.ports.changed();
}
