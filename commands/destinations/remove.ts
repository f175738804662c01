import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { removedView } from "../removed-view.ts";
import { withContext } from "../with-context.ts";

/** `rig destinations remove DESTINATION` */
export async function run(options: GlobalOptions, destinationId: string): Promise<void> {
  await withContext(options, ({ destinations, actor }) => destinations.remove(destinationId, actor));
  await printOne({ id: destinationId }, removedView, options);
}
