import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { removedView } from "../removed-view.ts";
import { withContext } from "../with-context.ts";

/** `rig streams remove STREAM` */
export async function run(options: GlobalOptions, streamId: string): Promise<void> {
  await withContext(options, ({ streams, actor }) => streams.remove(streamId, actor));
  await printOne({ id: streamId }, removedView, options);
}
