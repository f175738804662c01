import type { Command } from "commander";
import { lazily } from "../lazily.ts";

/** Declares `rig quota`. */
export function declareQuota(program: Command): void {
  const quota = program.command("quota").description("what users have used");
  quota
    .command("show")
    .description("usage of one user, or of all, in a month")
    .argument("[user]", "name or id")
    .option("--period <yyyy-mm>", "a month in UTC (default: this one)")
    .action(lazily(() => import("./show.ts")));
}
