import type { DropOrders, PublishClaims } from "./coordination.ts";
import type { DropRequests } from "./publishes.ts";

/** Drops a stream's publish: finds who has it, and orders that agent to disconnect it. */
export function dropRequests(claims: Pick<PublishClaims, "find">, orders: Pick<DropOrders, "put">): DropRequests {
  return {
    async drop(streamId, reason) {
      const claim = await claims.find(streamId);
      if (!claim) return false;
      await orders.put(claim.agentId, claim.publishId, reason);
      return true;
    },
  };
}
