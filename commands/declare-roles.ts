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
    .description("queued and periodic work")
    .option("--kinds <list>", "takes these kinds of tasks alone, separated by commas")
    .option("--concurrency <n>", "how many tasks it runs at once")
    .action(lazily(() => import("./worker.ts")));
  program
    .command("agent")
    .description("an edge: takes publishes and runs their relays")
    .action(lazily(() => import("./agent.ts")));
  const etcd = program
    .command("etcd")
    .description("the embedded etcd-compatible store of a data folder")
    .option("--listen <host:port>", "where it serves; off loopback only with --cert, --key and --ca", "127.0.0.1:2379")
    .option("--cert <file>", "its certificate, PEM")
    .option("--key <file>", "that certificate's private key, PEM")
    .option("--ca <file>", "lets in only clients with a certificate of this CA, PEM")
    .option("--quota <MiB>", "refuses puts past so much; half of Node's heap, 1024 at most, where left out")
    .action(lazily(() => import("./etcd.ts")));
  etcd
    .command("backup <folder>")
    .description("copies the data folder's store, also while it runs, into a folder that is not there yet")
    .action(lazily(() => import("./etcd/backup.ts")));
  etcd
    .command("restore <folder>")
    .description("makes the data folder's store out of such a copy; it must have none")
    .action(lazily(() => import("./etcd/restore.ts")));
}
