import { formatOf, printOne, printRows } from "../../src/runtime/cli/output.ts";
import { writeData } from "../../src/runtime/cli/write.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { relayView, streamView } from "./stream-view.ts";

/** `rig streams show STREAM` */
export async function run(options: GlobalOptions, streamId: string): Promise<void> {
  const status = await withContext(options, ({ liveStreams }) => liveStreams.get(streamId));
  await printOne(status, streamView, options);
  if (formatOf(options) !== "table" || !status.publish) return;
  await writeData("\n");
  await printRows(status.publish.relays, relayView, options);
}
