import type { Command } from "commander";
import { lazily } from "../lazily.ts";

/** Declares what is below `rig destinations`. */
export function declareDestinations(destinations: Command): void {
  destinations
    .command("add")
    .description("add a destination; a live stream is pushed there at once")
    .argument("<stream>", "id")
    .option("--url <url>", "rtmp://host[:port]/app or rtmps://…, without the key")
    .option("--service <name>", "YouTube or Twitch, instead of --url")
    .option("--server <code>", "which server of the service")
    .requiredOption("--key-file <file>", "file with the destination key; - for stdin")
    .action(lazily(() => import("./add.ts")));
  destinations
    .command("list")
    .description("list a stream's destinations")
    .argument("<stream>", "id")
    .action(lazily(() => import("./list.ts")));
  destinations
    .command("edit")
    .description("change a destination; only its own relay is restarted")
    .argument("<destination>", "id")
    .option("--url <url>", "rtmp://host[:port]/app or rtmps://…, without the key")
    .option("--service <name>", "YouTube or Twitch, instead of --url")
    .option("--server <code>", "which server of the service")
    .option("--key-file <file>", "file with the new destination key; - for stdin")
    .action(lazily(() => import("./edit.ts")));
  declareSwitches(destinations);
}

function declareSwitches(destinations: Command): void {
  destinations
    .command("enable")
    .description("push there again")
    .argument("<destination>", "id")
    .action(lazily(() => import("./enable.ts")));
  destinations
    .command("disable")
    .description("push there no more, but keep it")
    .argument("<destination>", "id")
    .action(lazily(() => import("./disable.ts")));
  destinations
    .command("remove")
    .description("forget a destination")
    .argument("<destination>", "id")
    .action(lazily(() => import("./remove.ts")));
  destinations
    .command("retry")
    .description("let a waiting relay try now")
    .argument("<destination>", "id")
    .action(lazily(() => import("./retry.ts")));
}
