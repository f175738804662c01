import { expect, it } from "vitest";
import { closeOrphanedRuns, sweepOrders } from "../../src/services/close-runs.ts";
import type { PublishClaim } from "../../src/services/coordination.ts";
import type { Publish } from "../../src/services/publishes.ts";
import { fakeClock } from "../support/fake-clock.ts";

const publish = (id: string): Publish => ({
  id,
  streamId: `stream of ${id}`,
  streamKeyId: "key-1",
  userId: "user-1",
  agentId: "agent-1",
  startedAt: 0,
});
const claim = (publishId: string): PublishClaim => ({
  streamId: `stream of ${publishId}`,
  agentId: "agent-1",
  publishId,
  state: "live",
});

function setUp(silent: string[], claimed: string[], ordered: string[] = []) {
  const closed: string[] = [];
  const cleared: string[] = [];
  let asked = 0;
  const clock = fakeClock(1_000_000);
  return {
    closed,
    cleared,
    askedBefore: () => asked,
    ports: {
      clock,
      publishes: {
        listSilent: async (before: number) => {
          asked = before;
          return silent.map(publish);
        },
        close: async (id: string, reason: string) => {
          closed.push(`${id} ${reason}`);
          return true;
        },
      },
      claims: { list: async () => claimed.map(claim) },
      orders: {
        list: async () => ordered.map((publishId) => ({ agentId: "agent-1", publishId })),
        clear: async (_: string, publishId: string) => void cleared.push(publishId),
      },
    },
  };
}

it("closes a publish only when it was silent for 30 s and its claim is gone", async () => {
  const { ports, closed, askedBefore } = setUp(["a", "b"], ["b"]);

  const count = await closeOrphanedRuns(ports);

  expect(count).toBe(1);
  expect(closed).toEqual(["a orphaned"]);
  expect(askedBefore()).toBe(1_000_000 - 30_000);
});

it("removes the orders of publishes that nobody holds", async () => {
  const { ports, cleared } = setUp([], ["held"], ["held", "left"]);

  const count = await sweepOrders(ports);

  expect(count).toBe(1);
  expect(cleared).toEqual(["left"]);
});
