import { writeData, writeWord } from "../../src/runtime/cli/write.ts";
import { writePrivateFile } from "../../src/runtime/tls/private-file.ts";
import { type GlobalOptions, settingsOf } from "../global-options.ts";

interface NginxOptions extends GlobalOptions {
  /** As typed. */
  readonly callbackPort: string;
  readonly module?: string;
  readonly user?: string;
  readonly out?: string;
}

/** `rig config nginx`: the nginx.conf of an edge, which holds the hook secret; `--out` writes it for its owner alone. */
export async function run(options: NginxOptions): Promise<void> {
  const { settings } = await settingsOf(options);
  const { renderNginxConf } = await import("../../src/context/render-nginx-conf.ts");
  const conf = renderNginxConf(settings, options);
  if (options.out === undefined) return writeData(conf);
  await writePrivateFile(options.out, conf);
  await writeWord(`written to ${options.out}\n`);
}
