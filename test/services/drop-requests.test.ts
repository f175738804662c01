import { expect, it } from "vitest";
import type { PublishClaim } from "../../src/services/coordination.ts";
import { dropRequests } from "../../src/services/drop-requests.ts";

const claim: PublishClaim = { streamId: "s1", agentId: "edge-1", publishId: "p1", state: "live" };

it("orders the agent that has the stream to drop it", async () => {
  const orders: unknown[] = [];
  const drops = dropRequests({ find: async () => claim }, { put: async (...order) => void orders.push(order) });

  expect(await drops.drop("s1", "operator")).toBe(true);

  expect(orders).toEqual([["edge-1", "p1", "operator"]]);
});

it("says that a stream which nobody publishes is not live, and orders nothing", async () => {
  const drops = dropRequests(
    { find: async () => null },
    { put: async () => Promise.reject(new Error("must not be called")) },
  );

  expect(await drops.drop("s1", "operator")).toBe(false);
});
