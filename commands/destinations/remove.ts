import { printOne, type View } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";

const removedView: View<{ id: string }> = {
  columns: [{ head: "REMOVED", cell: ({ id }) => id }],
  json: ({ id }) => ({ id, state: "removed" }),
  name: ({ id }) => id,
};

/** `rig destinations remove DESTINATION` */
export async function run(options: GlobalOptions, destinationId: string): Promise<void> {
  await withContext(options, ({ destinations, actor }) => destinations.remove(destinationId, actor));
  await printOne({ id: destinationId }, removedView, options);
}
