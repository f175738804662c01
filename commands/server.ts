import { createLog } from "../src/runtime/log.ts";
import { type GlobalOptions, settingsOf } from "./global-options.ts";

/** `rig server [--only tokens]`: runs until it is told to stop. */
export async function run({ only, ...options }: GlobalOptions & { only?: "tokens" }): Promise<void> {
  const { settings, origins } = await settingsOf(options);
  const isChatty = only === "tokens" && origins.logLevel.kind === "default"; // its default since the first version
  const log = createLog({ level: isChatty ? "debug" : settings.logLevel });
  const { serve } = await import("../src/context/serve.ts");
  const { serverAlone, tokensAlone } = await import("../src/context/alone.ts");
  await serve<Awaited<ReturnType<typeof serverAlone | typeof tokensAlone>>>(
    (parts) => (only === "tokens" ? tokensAlone : serverAlone)(settings, parts, log),
    async ({ facts }) => log.info({ ...facts }, only === "tokens" ? "stream service serves" : "server serves"),
    log,
  );
}
