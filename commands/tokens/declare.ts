import type { Command } from "commander";
import { lazily } from "../lazily.ts";

const NAME = "as its viewers send it; put -- before one that begins with -";
const KEY = "its hash, where the name is too long to be kept";

/** Declares what is below `rig tokens`. */
export function declareTokens(tokens: Command): void {
  tokens
    .command("list")
    .description("list viewer sessions with live tokens, those with the most first")
    .option("--name <text>", "only those with this in their name")
    .option("--device <device>", "only those that watch on this device")
    .option("--content <content>", "only those that watch this")
    .option("--full", "only those that have as many as their limit lets in")
    .option("--limit <number>", "no more than so many", "100")
    .action(lazily(() => import("./list.ts")));
  tokens
    .command("show")
    .description("one viewer session: its live tokens by public id, and those that were ended")
    .argument("[session]", NAME)
    .option("--key <hash>", KEY)
    .action(lazily(() => import("./show.ts")));
  tokens
    .command("top")
    .description("live screen of the busiest viewer sessions, and of what each server answers")
    .option("--interval <seconds>", "how often it asks", "1")
    .option("--watch", "no screen: a JSON line for each snapshot, until interrupted")
    .action(lazily(() => import("./top.ts")));
  declareEnding(tokens);
}

function declareEnding(tokens: Command): void {
  const ending = (verb: string, description: string) =>
    tokens
      .command(verb)
      .description(description)
      .argument("[session]", NAME)
      .argument("[id]", "public id of the token")
      .option("--key <hash>", KEY)
      .option("--all", "all tokens that live now")
      .option("-y, --yes", "without asking");
  ending("stop", "end a token as its own viewer would").action(lazily(() => import("./stop.ts")));
  ending("evict", "end a token; its viewer is told that an operator did, and why")
    .option("--note <text>", "why, in at most 64 characters")
    .action(lazily(() => import("./evict.ts")));
}
