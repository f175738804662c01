import type { Settings } from "../../src/config/settings.ts";
import type { Viewers } from "../../src/context/open-viewers.ts";
import type { Actor } from "../../src/domain/audit.ts";
import { localOperator } from "../../src/runtime/cli/operator.ts";
import { type GlobalOptions, settingsOf } from "../global-options.ts";

/** What a command on viewer sessions works with. */
export interface ViewersContext extends Viewers {
  readonly settings: Settings;
  /** Who types. */
  readonly actor: Actor;
}

/** Opens what keeps the viewer tokens, runs the command on it, and closes it whatever became of the command. */
export async function withViewers<T>(
  options: GlobalOptions,
  command: (context: ViewersContext) => Promise<T>,
): Promise<T> {
  const { settings } = await settingsOf(options);
  const { openViewers } = await import("../../src/context/open-viewers.ts");
  const context = await openViewers({ settings });
  try {
    return await command({ ...context, settings, actor: localOperator() });
  } finally {
    await context.close();
  }
}
