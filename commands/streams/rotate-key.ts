import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { findPublishUrl } from "./publish-url.ts";
import { type NewStreamKey, streamKeyView } from "./stream-key-view.ts";

/** `rig streams rotate-key STREAM` */
export async function run(options: GlobalOptions, streamId: string): Promise<void> {
  const rotated = await withContext(options, async ({ streams, settings, actor }): Promise<NewStreamKey> => {
    const publishUrl = await findPublishUrl(settings);
    return { id: streamId, publishUrl, ...(await streams.rotateKey(streamId, actor)) };
  });
  await printOne(rotated, streamKeyView, options);
}
