import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { findPublishUrl } from "./publish-url.ts";
import { type NewStreamKey, streamKeyView } from "./stream-key-view.ts";

interface AddOptions extends GlobalOptions {
  readonly user: string;
  readonly title: string;
}

/** `rig streams add --user NAME --title T` */
export async function run(options: AddOptions): Promise<void> {
  const { user, title } = options;
  const added = await withContext(options, async ({ streams, settings, actor }): Promise<NewStreamKey> => {
    const publishUrl = await findPublishUrl(settings);
    const { stream, streamKey } = await streams.add({ user, title }, actor);
    return { id: stream.id, streamKey, publishUrl };
  });
  await printOne(added, streamKeyView, options);
}
