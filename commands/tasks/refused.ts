import type { RefusedOrder } from "../../src/domain/task-status.ts";
import { printRows, type View } from "../../src/runtime/cli/output.ts";
import { readWhole } from "../../src/runtime/cli/read-number.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { MAX_LIMIT } from "./list.ts";

interface RefusedOptions extends GlobalOptions {
  readonly kind?: string;
  /** As typed. */
  readonly limit: string;
}

/** `rig tasks refused [--kind KIND] [--limit N]` */
export async function run({ kind, ...options }: RefusedOptions): Promise<void> {
  const choice = { kind: kind ?? null, limit: readWhole("--limit", options.limit, 1, MAX_LIMIT) };
  const orders = await withContext(options, ({ tasks }) => tasks.refused(choice));
  await printRows(orders, refusedView, options);
}

const iso = (at: number) => new Date(at).toISOString();

const refusedView: View<RefusedOrder> = {
  columns: [
    { head: "TASK", cell: ({ id }) => id },
    { head: "KIND", cell: ({ kind }) => kind },
    { head: "BYTES", cell: ({ payloadBytes }) => String(payloadBytes), align: "right" },
    { head: "ORDERED", cell: ({ orderedAt }) => iso(orderedAt) },
    { head: "REFUSED", cell: ({ refusedAt }) => iso(refusedAt) },
    { head: "REASON", cell: ({ reason }) => reason },
  ],
  json: ({ orderedAt, refusedAt, ...order }) => ({ ...order, orderedAt: iso(orderedAt), refusedAt: iso(refusedAt) }),
  name: ({ id }) => id,
};
