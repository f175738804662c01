import { RigError } from "../src/domain/errors.ts";
import type { PlatformState, RigStatus } from "../src/domain/rig-status.ts";
import { type Column, printOne } from "../src/runtime/cli/output.ts";
import { findHolder } from "../src/runtime/folder-lock.ts";
import { stateFile } from "../src/runtime/state-file.ts";
import { dataFolderOf, type GlobalOptions } from "./global-options.ts";
import { viewerTokensPlace } from "./welcome.ts";

const COLUMNS: readonly Column<RigStatus>[] = [
  {
    head: "roles",
    cell: ({ roles }) =>
      Object.entries(roles)
        .map(([role, state]) => `${role} ${state}`)
        .join(", "),
  },
  { head: "publish to", cell: ({ ingest }) => ingest.url },
  { head: "server", cell: ({ server }) => server.url },
  { head: "stream service", cell: ({ streamService }) => streamService.url },
  { head: "viewer tokens", cell: viewerTokensPlace },
  { head: "worker", cell: ({ worker }) => worker.url },
  { head: "agent", cell: ({ agent }) => agent.url },
  { head: "etcd", cell: ({ etcd }) => etcd.endpoints.join(", ") },
  { head: "database", cell: ({ database }) => database.url },
  { head: "password file", cell: ({ database }) => database.passwordFile ?? "" },
  { head: "CA", cell: ({ caFile }) => caFile },
];

/** `rig status`: exit code 6 where nothing runs. */
export async function run(options: GlobalOptions): Promise<void> {
  const dataFolder = await dataFolderOf(options);
  const run = await stateFile<PlatformState>(dataFolder).read();
  if (!run?.running) throw await notRunning(dataFolder);
  const { readRoles } = await import("../src/context/read-roles.ts");
  const { redis, settings, ...state } = run.state;
  const status: RigStatus = { ...state, roles: await readRoles(state) };
  await printOne(status, { columns: COLUMNS, json: (all) => all, name: ({ server }) => server.url }, options);
}

async function notRunning(dataFolder: string): Promise<RigError> {
  const holder = await findHolder(dataFolder);
  if (holder)
    return new RigError("NOT_RUNNING", `rig is starting or stopping on ${dataFolder} (process ${holder.pid})`, {
      hint: "Ask again in a moment; `rig logs` says what it does, `rig down` ends it.",
    });
  return new RigError("NOT_RUNNING", `no platform runs on ${dataFolder}`, {
    hint: "Start one with `rig up`, or name its folder with --data.",
  });
}
