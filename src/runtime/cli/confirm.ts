import { createInterface } from "node:readline";
import { safeText } from "../../domain/safe-text.ts";
import { isInteractive } from "./terminal.ts";
import { writeWord } from "./write.ts";

const INTERRUPTED = 130;

/**
 * Asks whether to go on. Yes without a question where `--yes` was given or nobody sits there: no script ever waits.
 * Anything but y or yes is a no; Ctrl-C is one too, and sets the exit code of an interruption.
 */
export async function confirm(question: string, { yes = false }: { yes?: boolean }): Promise<boolean> {
  if (yes || !isInteractive()) return true;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await new Promise<string>((resolve) => {
      lines.once("SIGINT", () => {
        process.exitCode = INTERRUPTED;
        lines.close();
      });
      lines.once("close", () => resolve("\n")); // the end of input too: what follows begins a line of its own
      lines.question(`${safeText(question)} [y/N] `, resolve);
    });
    if (answer === "\n") await writeWord(answer);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
