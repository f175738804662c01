import { join } from "node:path";
import { systemClock } from "../../src/runtime/clock.ts";
import { prepareDataFolder } from "../../src/runtime/state-file.ts";
import { openTlsFolder, type TlsFolder } from "../../src/runtime/tls/tls-folder.ts";
import { type GlobalOptions, settingsOf } from "../global-options.ts";

/** Opens `<data>/tls`, where `rig up` keeps its CA too; makes one on the first call. */
export async function openCertificates(options: GlobalOptions): Promise<{ folder: string; tls: TlsFolder }> {
  const { dataFolder } = (await settingsOf(options)).settings;
  await prepareDataFolder(dataFolder);
  const folder = join(dataFolder, "tls");
  return { folder, tls: await openTlsFolder(folder, systemClock) };
}
