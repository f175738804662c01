import type { Command } from "commander";
import { lazily } from "../lazily.ts";

/** Declares `rig config`. */
export function declareConfig(program: Command): void {
  program.commandsGroup("Operation:");
  const config = program.command("config").description("the settings");
  config
    .command("show")
    .description("every setting and its value; secrets redacted")
    .option("--origin", "also where each value comes from")
    .action(lazily(() => import("./show.ts")));
  config
    .command("check")
    .description("check all settings; list each bad one")
    .action(lazily(() => import("./check.ts")));
}
