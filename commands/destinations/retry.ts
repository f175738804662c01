import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { changedDestinationView } from "./destination-view.ts";

/** `rig destinations retry DESTINATION` */
export async function run(options: GlobalOptions, destinationId: string): Promise<void> {
  const retried = await withContext(options, ({ destinations, actor }) => destinations.retryNow(destinationId, actor));
  await printOne(retried, changedDestinationView, options);
}
