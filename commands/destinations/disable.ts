import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { changedDestinationView } from "./destination-view.ts";

/** `rig destinations disable DESTINATION` */
export async function run(options: GlobalOptions, destinationId: string): Promise<void> {
  const changed = await withContext(options, ({ destinations, actor }) =>
    destinations.edit(destinationId, { enabled: false }, actor),
  );
  await printOne(changed, changedDestinationView, options);
}
