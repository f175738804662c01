import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Clock } from "../../domain/clock.ts";
import { RigError } from "../../domain/errors.ts";
import type { Log } from "../../domain/log.ts";

const STOP_MS = 10_000; // a fast shutdown writes one checkpoint

/** Who started the postmaster: a process id and when it started, so that a reused id is not taken for it. */
interface Owner {
  readonly pid: number;
  readonly startedAt: string;
}

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
  if (pid === null || !isAlive(pid)) return; // PostgreSQL itself clears the file of a dead one
  if (!(await isPostmasterOf(pid, data))) {
    log.warn({ pid }, "postmaster.pid names another program; taken over");
    await replacePid(pidFile);
    return;
  }
  const owner = await livingOwner(ownerFile);
  if (owner !== null && owner !== process.pid)
    throw new RigError("ALREADY_RUNNING", `the PostgreSQL on ${data} belongs to process ${owner}`, {
      hint: "stop that one first: rig down",
    });
  log.warn({ pid }, "ending the PostgreSQL of a killed predecessor");
  await endPostmaster(pid, data, clock);
}

/** Notes that this process owns the PostgreSQL it is about to start. */
export async function writeOwner(ownerFile: string): Promise<void> {
  const owner: Owner = { pid: process.pid, startedAt: (await startTime(process.pid)) ?? "" };
  await writeFile(ownerFile, JSON.stringify(owner), { mode: 0o600 });
}

/** Forgets the owner. Safe to repeat. */
export const removeOwner = (ownerFile: string): Promise<void> => rm(ownerFile, { force: true });

async function endPostmaster(pid: number, data: string, clock: Clock): Promise<void> {
  const never = new AbortController().signal;
  for (const [signal, waitMs] of [
    ["SIGINT", STOP_MS],
    ["SIGQUIT", STOP_MS],
    ["SIGKILL", STOP_MS],
  ] as const) {
    send(pid, signal);
    const deadline = clock.monotonic() + waitMs;
    while (clock.monotonic() < deadline) {
      if (!isAlive(pid) || !(await isPostmasterOf(pid, data))) return;
      await clock.sleep(20, never);
    }
  }
  throw new RigError("ALREADY_RUNNING", `the PostgreSQL with process id ${pid} on ${data} does not end`);
}

async function readPostmasterPid(pidFile: string): Promise<number | null> {
  const text = await readFile(pidFile, "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  return pid > 1 ? pid : null;
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

async function livingOwner(ownerFile: string): Promise<number | null> {
  const text = await readFile(ownerFile, "utf8").catch(() => "");
  if (text === "") return null;
  const owner = JSON.parse(text) as Owner;
  return isAlive(owner.pid) && (await startTime(owner.pid)) === owner.startedAt ? owner.pid : null;
}

/** When a process started, in the system's own words; null where there is none. */
async function startTime(pid: number): Promise<string | null> {
  if (process.platform === "linux") {
    const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null; // field 22; the name before may hold anything
  }
  return promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone meanwhile, which is what was wanted
  }
}
