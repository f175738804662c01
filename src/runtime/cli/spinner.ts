import { canShowProgress } from "./terminal.ts";

/** Shows on stderr that something is under way, where that is a terminal; elsewhere it only does the work. */
export async function withSpinner<T>(text: string, work: () => Promise<T>): Promise<T> {
  if (!canShowProgress()) return work();
  const { default: ora } = await import("ora");
  const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start();
  try {
    return await work();
  } finally {
    spinner.stop();
  }
}
