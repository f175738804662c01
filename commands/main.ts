import { Command } from "commander";
import { prepareProgram, runProgram } from "../src/runtime/cli/run-program.ts";
import { packageVersion } from "../src/runtime/package-file.ts";
import { declareCerts } from "./certs/declare.ts";
import { declareConfig } from "./config/declare.ts";
import { declareOperations } from "./declare-operations.ts";
import { declareRoles } from "./declare-roles.ts";
import { declareDestinations } from "./destinations/declare.ts";
import { declareQuota } from "./quota/declare.ts";
import { declareStreams } from "./streams/declare.ts";
import { declareUsers } from "./users/declare.ts";

const program = prepareProgram(new Command("rig"))
  .description("One published stream to many destinations, for many users, within quotas, on many edge hosts.")
  .version(packageVersion(), "-V, --version", "print rig's version")
  .helpOption("-h, --help", "print this help")
  .option("--data <folder>", "data folder (default: RIG_DATA, the nearest .rig upward, ./.rig)")
  .option("--config <file>", "configuration file (default: RIG_CONFIG, ./config.ts)")
  .option("--set <name=value>", "a setting, see `rig config show`; may be repeated", collect)
  .option("-o, --output <format>", "table, json, ndjson, yaml or name")
  .option("--json", "the same as -o json")
  .configureHelp({ showGlobalOptions: true });

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

for (const declare of [
  declareOperations,
  declareRoles,
  declareUsers,
  declareStreams,
  declareDestinations,
  declareQuota,
  declareConfig,
  declareCerts,
])
  declare(program);

await runProgram(program);
