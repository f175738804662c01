import { type Command, CommanderError } from "commander";
import { RigError } from "../../domain/errors.ts";
import { exitCodeOf, formatError, stackOf } from "./errors.ts";
import { writeWord } from "./write.ts";

/** Prints what a command line ended with, in rig's form, and sets the exit code. */
export async function reportError(thrown: unknown, args: readonly string[], program: Command): Promise<void> {
  const usageError = (error: CommanderError) => wrongUsage(error, `See \`${typedCommand(program, args)} --help\`.`);
  if (thrown instanceof CommanderError && isHelp(thrown)) {
    process.exitCode = exitCodeOf(usageError(thrown)); // the help says it all
    return;
  }
  const error = thrown instanceof CommanderError ? usageError(thrown) : thrown;
  process.exitCode = exitCodeOf(error);
  await writeWord(`${stackOf(error)}${formatError(error, wantsJson(args))}`);
}

/** A noun without its verb: commander prints the help, and ends as with an error. */
const isHelp = ({ code }: CommanderError): boolean => code === "commander.help";

function wrongUsage({ message }: CommanderError, otherwise: string): RigError {
  const [first = "", suggestion] = message.replace(/^error: /, "").split("\n");
  return new RigError("INVALID_INPUT", first, { hint: suggestion?.replace(/^\(|\)$/g, "") ?? otherwise });
}

/** As far as the arguments name subcommands: `rig users add`. */
function typedCommand(program: Command, args: readonly string[]): string {
  const names = [program.name()];
  let { commands } = program;
  for (const arg of args) {
    const named = commands.find((command) => command.name() === arg);
    if (!named) continue;
    names.push(arg);
    commands = named.commands;
  }
  return names.join(" ");
}

/** Read from the arguments themselves: the error may be that they could not be parsed. */
function wantsJson(args: readonly string[]): boolean {
  return args.some((arg, at) => {
    const given = /^(?:-o|--output=)(.+)$/.exec(arg)?.[1] ?? (/^(-o|--output)$/.test(args[at - 1] ?? "") ? arg : "");
    return arg === "--json" || given === "json" || given === "ndjson";
  });
}
