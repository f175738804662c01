import { type Command, Option } from "commander";
import { lazily } from "./lazily.ts";

/** Declares the long-running roles, each by itself. */
export function declareRoles(program: Command): void {
  program.commandsGroup("Roles that run alone:");
  program
    .command("server")
    .description("the controller: HTTP API and stream service")
    .addOption(new Option("--only <part>", "the stream service alone").choices(["tokens"]))
    .action(lazily(() => import("./server.ts")));
  program
    .command("worker")
    .description("periodic and queued work")
    .action(lazily(() => import("./worker.ts")));
  program
    .command("agent")
    .description("an edge: takes publishes and runs their relays")
    .action(lazily(() => import("./agent.ts")));
}
