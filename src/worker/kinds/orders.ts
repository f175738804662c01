import { z } from "zod";
import { type SweepOrdersPorts, sweepOrders } from "../../services/close-runs.ts";
import type { TaskHandler } from "../../services/run-task.ts";
import { defineKind } from "./define-kind.ts";

/** Removes what a dead agent had been told about one publish; ordered with the row that closes it. */
export const clearOrdersKind = ({ orders }: Pick<SweepOrdersPorts, "orders">): TaskHandler =>
  defineKind({
    kind: "clear-orders",
    payload: z.object({ agentId: z.string().min(1), publishId: z.string().min(1) }),
    run: ({ agentId, publishId }) => orders.clear(agentId, publishId),
  });

/** Removes orders of all publishes that nobody holds any more, in case one was missed. */
export const sweepOrdersKind = (ports: SweepOrdersPorts): TaskHandler =>
  defineKind({
    kind: "sweep-orders",
    limit: { count: 1, per: "kind" },
    payload: z.object({}),
    run: async () => ({ swept: await sweepOrders(ports) }),
  });
