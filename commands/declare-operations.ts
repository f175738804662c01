import { type Command, Option } from "commander";
import { lazily } from "./lazily.ts";

/** Declares what runs the whole platform on one machine, and looks after it. */
export function declareOperations(program: Command): void {
  program.commandsGroup("The platform on this machine:");
  program
    .command("up")
    .description("start the whole platform on embedded defaults")
    .option("-d, --detach", "in the background; returns once it serves")
    .addOption(new Option("--background").hideHelp())
    .action(lazily(() => import("./up.ts")));
  program
    .command("down")
    .description("stop it; leaves no process behind")
    .action(lazily(() => import("./down.ts")));
  program
    .command("status")
    .description("where everything is")
    .action(lazily(() => import("./status.ts")));
  program
    .command("logs")
    .description("print its log")
    .option("-f, --follow", "go on printing what comes")
    .option("-n, --lines <count>", "begin with so many of the last lines", "100")
    .action(lazily(() => import("./logs.ts")));
  program
    .command("demo")
    .description("publish a clip through the running platform and prove that it arrived intact")
    .option("--seconds <count>", "how long to publish", "30")
    .action(lazily(() => import("./demo.ts")));
  program
    .command("migrate")
    .description("bring the database up to this version's tables")
    .action(lazily(() => import("./migrate.ts")));
  program
    .command("completion")
    .description("print the shell's completion script")
    .argument("<shell>", "bash, zsh or fish")
    .action(async (shell: string) => (await import("./completion.ts")).run(program, shell));
}
