import { createLog } from "../src/runtime/log.ts";
import { type GlobalOptions, settingsOf } from "./global-options.ts";

/** `rig worker`: runs until it is told to stop. */
export async function run(options: GlobalOptions): Promise<void> {
  const { settings } = await settingsOf(options);
  const log = createLog({ level: settings.logLevel });
  const { serve } = await import("../src/context/serve.ts");
  const { workerAlone } = await import("../src/context/alone.ts");
  await serve(
    (parts) => workerAlone(settings, parts, log),
    async ({ facts }) => log.info({ facts }, "worker serves"),
    log,
  );
}
