import type { SettingFlag } from "../src/config/setting-flags.ts";
import { createLog } from "../src/runtime/log.ts";
import { type GlobalOptions, settingsOf } from "./global-options.ts";

interface WorkerOptions extends GlobalOptions {
  readonly kinds?: string;
  readonly concurrency?: string;
}

/** `rig worker [--kinds LIST] [--concurrency N]`: runs until it is told to stop. */
export async function run({ kinds, concurrency, ...options }: WorkerOptions): Promise<void> {
  const flags: SettingFlag[] = [];
  if (kinds !== undefined) flags.push({ name: "workerKinds", value: kinds, flag: "--kinds" });
  if (concurrency !== undefined) flags.push({ name: "workerConcurrency", value: concurrency, flag: "--concurrency" });
  const loaded = await settingsOf(options, flags);
  const log = createLog({ level: loaded.settings.logLevel });
  const { serve } = await import("../src/context/serve.ts");
  const { workerAlone } = await import("../src/context/alone.ts");
  await serve(
    (parts) => workerAlone(loaded, parts, log),
    async ({ facts }) => log.info({ facts }, "worker serves"),
    log,
  );
}
