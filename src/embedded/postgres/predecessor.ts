import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Clock } from "../../domain/clock.ts";
import { RigError } from "../../domain/errors.ts";
import type { Log } from "../../domain/log.ts";
import { identifyProcess, isRunning, ownIdentity, type ProcessIdentity } from "../../runtime/process-identity.ts";
import { sendSignal } from "../../runtime/send-signal.ts";

const STOP_MS = 10_000; // for each signal; a fast shutdown writes one checkpoint

/**
 * Ends a postmaster that a killed parent left on this data folder, cleanly; leaves alone whatever else has its old
 * process id by now. Does nothing where none runs.
 * @throws RigError ALREADY_RUNNING where the process that started it still lives
 */
export async function stopPredecessor(
  data: string,
  ownerFile: string,
  { clock, log }: { clock: Clock; log: Log },
): Promise<void> {
  const pidFile = join(data, "postmaster.pid");
  const pid = await readPostmasterPid(pidFile);
  if (pid === 0) return;
  const postmaster = identifyProcess(pid);
  if (postmaster === null) return replacePid(pidFile); // PostgreSQL takes one that nobody has reaped yet for alive
  if (!(await isPostmasterOf(pid, data))) {
    log.warn({ pid }, "postmaster.pid names another program; taken over");
    await replacePid(pidFile);
    return;
  }
  const owner = await livingOwner(ownerFile);
  if (owner !== null && owner.pid !== process.pid)
    throw new RigError("ALREADY_RUNNING", `the PostgreSQL on ${data} belongs to process ${owner.pid}`, {
      hint: "stop that one first: rig down",
    });
  log.warn({ pid }, "ending the PostgreSQL of a killed predecessor");
  await endPostmaster(postmaster, data, clock);
}

/** Notes that this process owns the PostgreSQL it is about to start. */
export const writeOwner = (ownerFile: string): Promise<void> =>
  writeFile(ownerFile, JSON.stringify(ownIdentity()), { mode: 0o600 });

/** Forgets the owner. Safe to repeat. */
export const removeOwner = (ownerFile: string): Promise<void> => rm(ownerFile, { force: true });

async function endPostmaster(postmaster: ProcessIdentity, data: string, clock: Clock): Promise<void> {
  const never = new AbortController().signal;
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    sendSignal(postmaster, signal);
    const deadline = clock.monotonic() + STOP_MS;
    while (clock.monotonic() < deadline) {
      if (!isRunning(postmaster)) return;
      await clock.sleep(20, never);
    }
  }
  throw new RigError("ALREADY_RUNNING", `the PostgreSQL with process id ${postmaster.pid} on ${data} does not end`);
}

/** 0, which no process has, where there is no such file. */
async function readPostmasterPid(pidFile: string): Promise<number> {
  const pid = Number.parseInt(await readFile(pidFile, "utf8").catch(() => ""), 10);
  return pid > 1 ? pid : 0;
}

/** PostgreSQL accepts a lock file that names its parent, and still checks that no old backend uses the shared memory. */
async function replacePid(pidFile: string): Promise<void> {
  const [, ...rest] = (await readFile(pidFile, "utf8")).split("\n");
  await writeFile(pidFile, [String(process.pid), ...rest].join("\n"));
}

async function isPostmasterOf(pid: number, data: string): Promise<boolean> {
  const words = await commandLine(pid);
  return words.includes("postgres") && words.includes(data);
}

async function commandLine(pid: number): Promise<string> {
  if (process.platform === "linux")
    return readFile(`/proc/${pid}/cmdline`, "utf8").then(
      (text) => text.replaceAll("\0", " "),
      () => "",
    );
  return promisify(execFile)("ps", ["-o", "command=", "-p", String(pid)]).then(
    ({ stdout }) => stdout,
    () => "",
  );
}

async function livingOwner(ownerFile: string): Promise<ProcessIdentity | null> {
  const text = await readFile(ownerFile, "utf8").catch(() => "");
  if (text === "") return null;
  const owner = JSON.parse(text) as ProcessIdentity;
  return isRunning(owner) ? owner : null;
}
