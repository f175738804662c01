import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { identifyProcess, isRunning, type ProcessIdentity } from "../../src/runtime/process-identity.ts";
import { relayProcesses, type TestPlatform } from "./platform.ts";

/** The processes that one platform consists of. */
export interface PlatformProcesses {
  readonly rig: ProcessIdentity;
  readonly postmaster: ProcessIdentity;
  /** The postmaster's children. */
  readonly backends: readonly ProcessIdentity[];
  readonly relays: readonly ProcessIdentity[];
}

/** The platform's processes as they are now. */
export async function platformProcesses(platform: TestPlatform): Promise<PlatformProcesses> {
  const postmaster = identify([await postmasterPid(platform)]);
  const backends = childrenOf(postmaster[0]?.pid ?? 0);
  const rig = identify([await platform.pid()]);
  if (!rig[0] || !postmaster[0]) throw new Error("the platform does not run");
  return { rig: rig[0], postmaster: postmaster[0], backends, relays: identify(await relayProcesses(platform)) };
}

/** All of them, for a look or a kill. */
export const everyProcess = ({ rig, postmaster, backends, relays }: PlatformProcesses): ProcessIdentity[] => [
  rig,
  postmaster,
  ...backends,
  ...relays,
];

/** Those that still run; a process id that somebody else has by now does not count. */
export const survivors = (processes: readonly ProcessIdentity[]): ProcessIdentity[] => processes.filter(isRunning);

/** Sends SIGKILL to all of them at once. */
export const killAll = (processes: readonly ProcessIdentity[]): void =>
  void spawnSync("kill", ["-9", ...survivors(processes).map(({ pid }) => String(pid))]);

/** True once a process that stands still (SIGSTOP) was sent SIGTERM, which it will hear of when it goes on. */
export function isToldToEnd(pid: number): boolean {
  const [, pending = "0"] = /^ShdPnd:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
  return ((BigInt(`0x${pending}`) >> 14n) & 1n) === 1n;
}

/** 0 where PostgreSQL is just not there. */
async function postmasterPid({ status }: TestPlatform): Promise<number> {
  const home = dirname(status.database.passwordFile ?? "");
  return Number.parseInt(await readFile(join(home, "data", "postmaster.pid"), "utf8").catch(() => "0"), 10);
}

const identify = (pids: readonly number[]): ProcessIdentity[] => pids.flatMap((pid) => identifyProcess(pid) ?? []);

const childrenOf = (pid: number): ProcessIdentity[] =>
  identify(
    spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" })
      .stdout.split("\n")
      .map(Number),
  );
