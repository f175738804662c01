import { type Command, CommanderError } from "commander";
import { endQuietlyOnClosedPipe } from "./write.ts";

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
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return; // --help and --version end as errors, too
    const { reportError } = await import("./report-error.ts"); // what `--help` does not need, it does not load
    await reportError(error, process.argv, program);
  }
}
