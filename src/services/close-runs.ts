import type { Actor } from "../domain/audit.ts";
import type { Clock } from "../domain/clock.ts";
import type { PublishEnd } from "../domain/publish.ts";
import type { OutboxTask } from "../domain/task.ts";
import type { PublishClaims, PublishOrders } from "./coordination.ts";
import type { Publish, PublishStore } from "./publishes.ts";

const SILENT_MS = 30_000; // no usage report for this long, and the claim gone: the agent is gone
const LEADER: Actor = { kind: "system", id: "worker" };

export interface CloseRunsPorts {
  readonly publishes: Pick<PublishStore, "listSilent" | "close">;
  readonly claims: Pick<PublishClaims, "list">;
  readonly clock: Clock;
}

/** Closes publishes whose agent is gone, billed to their last report; answers how many. Safe to repeat. */
export async function closeOrphanedRuns({ publishes, claims, clock }: CloseRunsPorts): Promise<number> {
  const silent = await publishes.listSilent(clock.now() - SILENT_MS);
  if (silent.length === 0) return 0;
  const claimed = new Set((await claims.list()).map(({ publishId }) => publishId));
  let closed = 0;
  for (const publish of silent)
    if (!claimed.has(publish.id) && (await close(publish, "orphaned", { publishes, clock }))) closed += 1;
  return closed;
}

const close = (
  publish: Publish,
  reason: PublishEnd,
  { publishes, clock }: Pick<CloseRunsPorts, "publishes" | "clock">,
) =>
  publishes.close(
    publish.id,
    reason,
    {
      at: clock.now(),
      actor: LEADER,
      action: "publish.close",
      subject: publish.id,
      detail: { reason, streamId: publish.streamId, agentId: publish.agentId },
    },
    [clearOrders(publish)],
  );

/** Nobody is left to remove what the dead agent was told. */
const clearOrders = ({ id: publishId, agentId }: Publish): OutboxTask => ({
  id: `clear-orders:${publishId}`,
  kind: "clear-orders",
  payload: { agentId, publishId },
});

export interface SweepOrdersPorts {
  readonly claims: Pick<PublishClaims, "list">;
  readonly orders: PublishOrders;
}

/** Removes orders (`wanted/`, `drops/`) of publishes that nobody holds any more; answers how many. Safe to repeat. */
export async function sweepOrders({ claims, orders }: SweepOrdersPorts): Promise<number> {
  const listed = await orders.list(); // before the claims: an order is put only for a claim that is there
  if (listed.length === 0) return 0;
  const claimed = new Set((await claims.list()).map(({ publishId }) => publishId));
  const left = listed.filter(({ publishId }) => !claimed.has(publishId));
  for (const { agentId, publishId } of left) await orders.clear(agentId, publishId);
  return left.length;
}
