import type { Command } from "commander";
import { lazily } from "../lazily.ts";

/** Declares what is below `rig quota`. */
export function declareQuota(quota: Command): void {
  quota
    .command("show")
    .description("usage of one user, or of all, in a month, and the limits of viewer tokens")
    .argument("[user]", "name or id")
    .option("--period <yyyy-mm>", "a month in UTC (default: this one)")
    .action(lazily(() => import("./show.ts")));
  quota
    .command("set")
    .description("limit the viewer tokens of a user's sessions to fewer than their plan lets in")
    .argument("<user>", "name or id")
    .option("--viewer-tokens <number|none>", "at a time in one session")
    .option("--viewer-tokens-per-device <number|none>", "of those, with one device")
    .option("--viewer-tokens-per-content <number|none>", "of those, with one content")
    .action(lazily(() => import("./set.ts")));
}
