import { prepareScreen } from "../../src/runtime/cli/screen.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { showWhileWiring } from "../context-screen.ts";
import type { GlobalOptions } from "../global-options.ts";
import { type CommandContext, withContext } from "../with-context.ts";

/** Shows the screen of tasks until it is left or the signal aborts. */
export async function showScreen(options: GlobalOptions, intervalMs: number, signal: AbortSignal): Promise<void> {
  const terminal = prepareScreen();
  const { showTasksTop } = await import("../../src/tui/show-tasks-top.tsx");
  await showWhileWiring<CommandContext>(
    withContext,
    options,
    (context, until) =>
      showTasksTop({
        ...terminal,
        load: async () => (await context).tasks.overview(),
        cancel: async (taskId) => (await context).tasks.cancel(taskId, (await context).actor),
        redrive: async (kind) => (await context).tasks.redrive(kind, (await context).actor),
        pause: async (kind) => (await context).tasks.pause(kind, (await context).actor),
        resume: async (kind) => (await context).tasks.resume(kind, (await context).actor),
        clock: systemClock,
        signal: until,
        intervalMs,
      }),
    signal,
  );
}
