import { printRows } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { destinationView } from "./destination-view.ts";

/** `rig destinations list STREAM` */
export async function run(options: GlobalOptions, streamId: string): Promise<void> {
  await printRows(
    await withContext(options, ({ destinations }) => destinations.list(streamId)),
    destinationView,
    options,
  );
}
