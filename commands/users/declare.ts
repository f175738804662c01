import type { Command } from "commander";
import { lazily } from "../lazily.ts";

/** Declares what is below `rig users`. */
export function declareUsers(users: Command): void {
  users
    .command("add")
    .description("add a user")
    .argument("<name>", "1-64 of a-z 0-9 . _ -")
    .requiredOption("--email <address>", "where the user is written to")
    .action(lazily(() => import("./add.ts")));
  users
    .command("list")
    .description("list all users")
    .action(lazily(() => import("./list.ts")));
  users
    .command("disable")
    .description("refuse a user's publishes and viewers, and drop the publishes that are live")
    .argument("<user>", "name or id")
    .action(lazily(() => import("./disable.ts")));
  users
    .command("enable")
    .description("let a disabled user publish and watch again")
    .argument("<user>", "name or id")
    .action(lazily(() => import("./enable.ts")));
  users
    .command("remove")
    .description("remove a user for good, with streams, destinations and usage")
    .argument("<user>", "name or id")
    .action(lazily(() => import("./remove.ts")));
}
