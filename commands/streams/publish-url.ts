import type { Settings } from "../../src/config/settings.ts";
import type { RigStatus } from "../../src/domain/rig-status.ts";
import { stateFile } from "../../src/runtime/state-file.ts";

/** What a publisher is told to push to: the setting publishUrl, else the ingest of the platform that runs here. */
export async function findPublishUrl({ publishUrl, dataFolder, ingestHost, ingestPort }: Settings): Promise<string> {
  if (publishUrl !== null) return publishUrl;
  const run = await stateFile<RigStatus>(dataFolder).read();
  return run?.running ? run.state.ingest.url : `rtmp://${ingestHost}:${ingestPort}/live`;
}
