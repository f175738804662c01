import { createLog } from "../src/runtime/log.ts";
import { type GlobalOptions, settingsOf } from "./global-options.ts";

interface EtcdOptions extends GlobalOptions {
  readonly listen: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly quota?: string;
}

/** `rig etcd`: serves the embedded store until it is told to stop. */
export async function run(options: EtcdOptions): Promise<void> {
  const quota =
    options.quota === undefined ? [] : [{ name: "etcdQuotaMib", value: options.quota, flag: "--quota" } as const];
  const { settings } = await settingsOf(options, quota);
  const log = createLog({ level: settings.logLevel });
  const { serve } = await import("../src/context/serve.ts");
  const { etcdAlone } = await import("../src/context/run-etcd.ts");
  await serve(
    (parts) => etcdAlone(settings, options, parts, log),
    async ({ facts }) => log.info({ ...facts }, "etcd store serves"),
    log,
  );
}
