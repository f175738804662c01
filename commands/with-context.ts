import type { Settings } from "../src/config/settings.ts";
import type { Context } from "../src/context/open-context.ts";
import type { Actor } from "../src/domain/audit.ts";
import { localOperator } from "../src/runtime/cli/operator.ts";
import { type GlobalOptions, settingsOf } from "./global-options.ts";

/** What a command works with: rig's use cases, wired for this command line. */
export interface CommandContext extends Context {
  readonly settings: Settings;
  /** Who types. */
  readonly actor: Actor;
}

/** Opens the context, runs the command in it, and closes it whatever became of the command. */
export async function withContext<T>(
  options: GlobalOptions,
  command: (context: CommandContext) => Promise<T>,
): Promise<T> {
  const { settings } = await settingsOf(options);
  const { openContext } = await import("../src/context/open-context.ts");
  const context = await openContext({ settings });
  try {
    return await command({ ...context, settings, actor: localOperator() });
  } finally {
    await context.close();
  }
}
