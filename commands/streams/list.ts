import { printRows } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { streamView } from "./stream-view.ts";

/** `rig streams list [--user NAME]` */
export async function run(options: GlobalOptions & { user?: string }): Promise<void> {
  const streams = await withContext(options, ({ liveStreams }) => liveStreams.list(options.user));
  await printRows(streams, streamView, options);
}
