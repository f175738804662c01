import type { Command } from "commander";
import { lazily } from "../lazily.ts";

/** Declares what is below `rig quota`. */
export function declareQuota(quota: Command): void {
  quota
    .command("show")
    .description("usage of one user, or of all, in a month")
    .argument("[user]", "name or id")
    .option("--period <yyyy-mm>", "a month in UTC (default: this one)")
    .action(lazily(() => import("./show.ts")));
}
