import { Command, CommanderError } from "commander";
import { declareNouns } from "../src/runtime/cli/declare-nouns.ts";
import { prepareProgram, runProgram } from "../src/runtime/cli/run-program.ts";
import { packageVersion } from "../src/runtime/package-file.ts";
import { declareOperations } from "./declare-operations.ts";
import { declareRoles } from "./declare-roles.ts";

const program = prepareProgram(new Command("rig"))
  .description("One published stream to many destinations, for many users, within quotas, on many edge hosts.")
  .option("-V, --version", "print rig's version")
  .on("option:version", printVersion)
  .helpOption("-h, --help", "print this help")
  .option("--data <folder>", "data folder (default: RIG_DATA, the nearest .rig upward, ./.rig)")
  .option("--config <file>", "configuration file (default: RIG_CONFIG, ./config.ts)")
  .option("--set <name=value>", "a setting, see `rig config show`; may be repeated", collect)
  .option("-o, --output <format>", "table, json, ndjson, yaml or name")
  .option("--json", "the same as -o json")
  .configureHelp({ showGlobalOptions: true });

/** Read when it is asked for: commander's own `version()` wants it at every start. Ends as `--help` does. */
function printVersion(this: Command): never {
  const version = packageVersion();
  this.configureOutput().writeOut?.(`${version}\n`);
  throw new CommanderError(0, "commander.version", version);
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

declareOperations(program);
declareRoles(program);
await declareNouns(program, "Administration:", [
  {
    name: "users",
    description: "who may publish",
    load: async () => (await import("./users/declare.ts")).declareUsers,
  },
  {
    name: "streams",
    description: "what users publish",
    load: async () => (await import("./streams/declare.ts")).declareStreams,
  },
  {
    name: "destinations",
    description: "where streams are pushed",
    load: async () => (await import("./destinations/declare.ts")).declareDestinations,
  },
  {
    name: "quota",
    description: "what users have used",
    load: async () => (await import("./quota/declare.ts")).declareQuota,
  },
  {
    name: "tasks",
    description: "what workers do: the task queue",
    load: async () => (await import("./tasks/declare.ts")).declareTasks,
  },
  {
    name: "tokens",
    description: "who watches: viewer sessions and their tokens",
    load: async () => (await import("./tokens/declare.ts")).declareTokens,
  },
]);
await declareNouns(program, "Operation:", [
  {
    name: "config",
    description: "the settings",
    load: async () => (await import("./config/declare.ts")).declareConfig,
  },
  {
    name: "certs",
    description: "certificates of the internal CA, for roles that run alone",
    load: async () => (await import("./certs/declare.ts")).declareCerts,
  },
]);

await runProgram(program);
