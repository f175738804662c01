import { RigError } from "../../src/domain/errors.ts";
import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";

/** `rig streams drop STREAM`; exits 3 where the stream is not live. */
export async function run(options: GlobalOptions, streamId: string): Promise<void> {
  const dropped = await withContext(options, ({ streams, actor }) => streams.drop(streamId, actor));
  if (!dropped) throw new RigError("PUBLISH_NOT_FOUND", `stream ${streamId} is not live`);
  await printOne({ id: streamId, dropped }, dropView, options);
}

const dropView = {
  columns: [{ head: "DROPPED", cell: ({ id }: { id: string }) => id }],
  json: (row: { id: string; dropped: boolean }) => row,
  name: ({ id }: { id: string }) => id,
};
