import type { Command } from "commander";
import { lazily } from "../lazily.ts";

/** Declares what is below `rig config`. */
export function declareConfig(config: Command): void {
  config
    .command("show")
    .description("every setting and its value; secrets redacted")
    .option("--origin", "also where each value comes from")
    .action(lazily(() => import("./show.ts")));
  config
    .command("check")
    .description("check all settings; list each bad one")
    .action(lazily(() => import("./check.ts")));
  config
    .command("nginx")
    .description("print the nginx.conf of an edge with nginx-rtmp")
    .option("--callback-port <port>", "nginx's own loopback port for its callbacks", "8446")
    .option("--module <path>", "path of ngx_rtmp_module.so, where it is not built in")
    .option("--user <user>", "user and group of nginx's children, where root starts it")
    .option("--out <file>", "write it there, for its owner alone, instead of printing it")
    .action(lazily(() => import("./nginx.ts")));
}
