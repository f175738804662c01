import type { Command } from "commander";
import { lazily } from "../lazily.ts";

/** Declares what is below `rig certs`. */
export function declareCerts(certs: Command): void {
  certs
    .command("init")
    .description("make the CA in the data folder; safe to repeat")
    .action(lazily(() => import("./init.ts")));
  certs
    .command("issue")
    .description("issue a certificate; one that is still good is kept")
    .argument("<kind>", "server or agent")
    .argument("<name>", "an agent's id, or the server's name")
    .option("--host <name>", "host name or address it is good for; may be repeated", (host, before: string[] = []) => [
      ...before,
      host,
    ])
    .action(lazily(() => import("./issue.ts")));
}
