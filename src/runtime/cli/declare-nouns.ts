import type { Command } from "commander";

/** A word of the command line with verbs below it: `users` of `rig users add`. */
export interface Noun {
  readonly name: string;
  readonly description: string;
  /** Loads what declares its verbs. */
  readonly load: () => Promise<(noun: Command) => void>;
}

const NEEDS_ALL = "completion"; // prints all words that there are

/**
 * Declares nouns under a heading of the help. Only those that the command line names get their verbs: loading and
 * declaring all of them costs half as much CPU again as starting Node does, and `rig --help` shows none.
 */
export async function declareNouns(program: Command, heading: string, nouns: readonly Noun[]): Promise<void> {
  const typed = new Set(process.argv.slice(2));
  program.commandsGroup(heading);
  for (const { name, description, load } of nouns) {
    const noun = program.command(name).description(description);
    if (typed.has(name) || typed.has(NEEDS_ALL)) (await load())(noun);
  }
}
