import { type Command, CommanderError } from "commander";
import { RigError } from "../../domain/errors.ts";
import { exitCodeOf, formatError, stackOf } from "./errors.ts";
import { endQuietlyOnClosedPipe, writeWord } from "./write.ts";

/** Lets a program throw instead of exit. Call it before its subcommands are declared: they inherit it. */
export function prepareProgram(program: Command): Command {
  return program
    .exitOverride()
    .configureOutput({ outputError: () => {} }) // runProgram prints errors, in rig's form
    .showSuggestionAfterError(true);
}

/** Runs the command line of this process: prints an error in rig's form and sets the exit code. Never rejects. */
export async function runProgram(program: Command): Promise<void> {
  endQuietlyOnClosedPipe();
  try {
    await program.parseAsync();
  } catch (thrown) {
    const error = thrown instanceof CommanderError ? usageError(thrown) : thrown;
    if (error === null) return;
    process.exitCode = exitCodeOf(error);
    if (thrown instanceof CommanderError && thrown.code === "commander.help") return; // help says it all
    await writeWord(`${stackOf(error)}${formatError(error, wantsJson(process.argv))}`);
  }
}

/** Read from the arguments themselves: the error may be that they could not be parsed. */
const wantsJson = (args: readonly string[]): boolean =>
  args.some(
    (arg, at) =>
      arg === "--json" ||
      /^(-o|--output=)n?d?json$/.test(arg) ||
      (/^(-o|--output)$/.test(args[at - 1] ?? "") && /json$/.test(arg)),
  );

/** `--help` and `--version` end as errors too: null for those. */
function usageError({ exitCode, message }: CommanderError): RigError | null {
  if (exitCode === 0) return null;
  const [first = "", suggestion] = message.replace(/^error: /, "").split("\n");
  return new RigError("INVALID_INPUT", first, { hint: suggestion?.replace(/^\(|\)$/g, "") ?? "See `rig --help`." });
}
