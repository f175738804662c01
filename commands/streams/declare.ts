import type { Command } from "commander";
import { lazily } from "../lazily.ts";

/** Declares what is below `rig streams`. */
export function declareStreams(streams: Command): void {
  streams
    .command("add")
    .description("add a stream; its stream key is shown this once")
    .requiredOption("--user <user>", "whose it is: name or id")
    .requiredOption("--title <text>", "what it is called")
    .action(lazily(() => import("./add.ts")));
  streams
    .command("list")
    .description("list streams with what they do now, live ones first")
    .option("--user <user>", "only this user's")
    .action(lazily(() => import("./list.ts")));
  streams
    .command("show")
    .description("one stream, its publish and its relays")
    .argument("<stream>", "id")
    .action(lazily(() => import("./show.ts")));
  streams
    .command("top")
    .description("live screen of all live streams and their relays")
    .option("--interval <seconds>", "how often it asks", "1")
    .option("--watch", "no screen: a JSON line for each snapshot, until interrupted")
    .action(lazily(() => import("./top.ts")));
  streams
    .command("drop")
    .description("disconnect the publisher")
    .argument("<stream>", "id")
    .action(lazily(() => import("./drop.ts")));
  streams
    .command("rotate-key")
    .description("make a new stream key, shown this once; who publishes with an old one is dropped")
    .argument("<stream>", "id")
    .action(lazily(() => import("./rotate-key.ts")));
  streams
    .command("remove")
    .description("remove a stream with its keys and destinations, and drop its publisher; its usage still counts")
    .argument("<stream>", "id")
    .action(lazily(() => import("./remove.ts")));
}
