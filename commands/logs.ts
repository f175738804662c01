import { invalidInput, RigError } from "../src/domain/errors.ts";
import { safeText } from "../src/domain/safe-text.ts";
import { formatLogLine } from "../src/runtime/cli/format-log-line.ts";
import { interruptible } from "../src/runtime/cli/interruptible.ts";
import { followLines, lastLines } from "../src/runtime/cli/log-lines.ts";
import { writeData } from "../src/runtime/cli/write.ts";
import { systemClock } from "../src/runtime/clock.ts";
import { logFile } from "../src/runtime/log.ts";
import { dataFolderOf, type GlobalOptions } from "./global-options.ts";

interface LogsOptions extends GlobalOptions {
  readonly follow?: boolean;
  /** As typed. */
  readonly lines: string;
}

/** `rig logs [-f] [-n COUNT]`: readable lines on a terminal, the JSON lines as they are elsewhere and with --json. */
export async function run(options: LogsOptions): Promise<void> {
  const count = Number(options.lines);
  if (!Number.isInteger(count) || count < 0)
    throw invalidInput("--lines", `must be a whole number from 0, got ${JSON.stringify(options.lines)}`);
  const path = logFile(await dataFolderOf(options));
  const raw = process.stdout.isTTY ? safeText : (line: string) => line; // still JSON: nothing of its syntax is replaced
  const show = process.stdout.isTTY && !options.json ? formatLogLine : raw;
  const write = (lines: readonly string[]) => writeData(lines.map((line) => `${show(line)}\n`).join(""));
  const last = await lastLines(path, count);
  if (last === null)
    throw new RigError("NOT_FOUND", `there is no log at ${path}`, {
      hint: "`rig up` writes it; --data names another folder.",
    });
  await write(last.lines);
  if (options.follow) await interruptible((signal) => followLines(path, last.endsAt, write, systemClock, signal));
}
