import { type ChildProcess, spawn } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Clock } from "../../domain/clock.ts";
import { RigError } from "../../domain/errors.ts";
import type { Log } from "../../domain/log.ts";
import { findPostgresBinaries } from "./binaries.ts";
import { ensureDataFolder, SUPERUSER } from "./data-folder.ts";
import { findHomeFolder, type HomeOptions, type PostgresHome, prepareHome } from "./home.ts";
import { settingsArguments } from "./postgres-settings.ts";
import { removeOwner, stopPredecessor, writeOwner } from "./predecessor.ts";

const READY_MS = 60_000; // a recovery after a crash replays the write-ahead log first
const SHARED_MEMORY_MS = 10_000; // how long backends of a killed postmaster may take to notice
const FAST_STOP_MS = 3_000;
const IMMEDIATE_STOP_MS = 1_500;
const LAST_WORDS_MS = 300;

export interface EmbeddedPostgresOptions extends HomeOptions {
  /** Holds all that this PostgreSQL needs; made 0700. */
  readonly folder: string;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
  /** False (tests alone): a crash of the machine loses data. */
  readonly durable?: boolean;
}

/** How the process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A running PostgreSQL, child of this process. */
export interface EmbeddedPostgres {
  /** Without the password; names the database `rig`, which the first start leaves to be created. */
  readonly url: string;
  /** 0600; holds the password and nothing else. */
  readonly passwordFile: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves after the process has ended, whoever ended it. Never rejects. */
  readonly ended: Promise<Exit>;
  /** Ends it cleanly, within 5 s; resolves after it has ended. Safe to repeat. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL that npm brought; makes its data on the first run, and ends one that a killed predecessor left.
 * It ends by itself (fast shutdown) when this process is killed, where the system can do that.
 * @throws RigError PORT_IN_USE, ALREADY_RUNNING, DATA_FOLDER, PROGRAM_MISSING
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { folder, port, clock, log, durable = true } = options;
  const home = await prepareHome(folder, findPostgresBinaries(), options);
  const ownerFile = ownerFileIn(home.folder);
  await endLeftPostgres({ folder, clock, log });
  const { data, passwordFile } = await ensureDataFolder(home, { sync: durable });
  await writeOwner(ownerFile);

  const deadline = clock.monotonic() + SHARED_MEMORY_MS;
  for (;;) {
    const words = [home.binaries.postgres, "-D", data, "-p", String(port), ...settingsArguments({ durable })];
    const postmaster = spawnPostgres(home, words, { clock, log });
    const failure = await readyOrFailed(postmaster, data, clock);
    if (failure === null) {
      const url = `postgres://${SUPERUSER}@127.0.0.1:${port}/rig`;
      const stop = () => stopPostmaster(postmaster, clock).then(() => removeOwner(ownerFile));
      return { url, passwordFile, port, pid: postmaster.child.pid ?? 0, ended: postmaster.ended, stop };
    }
    await stopPostmaster(postmaster, clock);
    const isSharedMemoryInUse = failure.includes("shared memory block");
    if (!isSharedMemoryInUse || clock.monotonic() > deadline) throw startFailure(failure, port, data);
    await clock.sleep(100, new AbortController().signal);
  }
}
/**
 * Ends the PostgreSQL that a killed predecessor left in this folder, so that its port is free again. Safe to repeat.
 * @throws RigError ALREADY_RUNNING where the process that started it still lives
 */
export async function endLeftPostgres({
  folder,
  clock,
  log,
}: Pick<EmbeddedPostgresOptions, "folder" | "clock" | "log">): Promise<void> {
  const home = await findHomeFolder(folder);
  await stopPredecessor(join(home, "data"), ownerFileIn(home), { clock, log });
}

/** True where an earlier start made its data. */
export const hasPostgresData = async (folder: string): Promise<boolean> =>
  access(join(await findHomeFolder(folder), "data")).then(
    () => true,
    () => false,
  );

const ownerFileIn = (home: string): string => join(home, "owner.json");

interface Postmaster {
  readonly child: ChildProcess;
  readonly ended: Promise<Exit>;
  /** Its last lines, for the reason of a failed start. */
  readonly lines: string[];
}

function spawnPostgres(
  { runAs, env }: PostgresHome,
  words: string[],
  { clock, log }: { clock: Clock; log: Log },
): Postmaster {
  const [command = "", ...args] = [...runAs.prefix, ...words];
  const child = spawn(command, args, { env, cwd: "/", stdio: ["ignore", "ignore", "pipe"], ...runAs.ids });
  const lines: string[] = [];
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const ended = new Promise<Exit>((resolve) => {
    child.once("error", (error) => {
      lines.push(error.message);
      resolve({ code: null, signal: null });
    });
    child.once("exit", async (code, signal) => {
      // its last words; a backend that outlives it for a moment keeps the pipe open
      await Promise.race([closed, clock.sleep(LAST_WORDS_MS, new AbortController().signal)]);
      child.stderr.destroy();
      resolve({ code, signal });
    });
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    lines.push(line);
    if (lines.length > 20) lines.shift();
    if (/\b(FATAL|PANIC|ERROR|WARNING):/.test(line)) log.warn({ line }, "postgres");
    else log.debug({ line }, "postgres");
  });
  return { child, ended, lines };
}

/** Null once it takes connections; else its last words. */
async function readyOrFailed({ child, ended, lines }: Postmaster, data: string, clock: Clock): Promise<string | null> {
  const poll = new AbortController();
  let failed = false;
  void ended.then(() => {
    failed = true;
    poll.abort();
  });
  const deadline = clock.monotonic() + READY_MS;
  while (!failed && clock.monotonic() < deadline) {
    const [pid, , , , , , , state] = (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
    if (Number(pid) === child.pid && state?.trim() === "ready") return null;
    await clock.sleep(10, poll.signal);
  }
  return failed ? lines.join("\n") : `not ready within ${READY_MS} ms\n${lines.join("\n")}`;
}

/** Fast shutdown, then immediate (the next start recovers), then the kill that cannot be refused. */
async function stopPostmaster({ child, ended }: Postmaster, clock: Clock): Promise<void> {
  const done = new AbortController();
  void ended.then(() => done.abort());
  for (const [signal, waitMs] of [
    ["SIGINT", FAST_STOP_MS],
    ["SIGQUIT", IMMEDIATE_STOP_MS],
  ] as const) {
    child.kill(signal);
    await Promise.race([ended, clock.sleep(waitMs, done.signal)]);
    if (done.signal.aborted) return;
  }
  child.kill("SIGKILL");
  await ended;
}

function startFailure(lastWords: string, port: number, data: string): RigError {
  if (lastWords.includes("Address already in use"))
    return new RigError("PORT_IN_USE", `port ${port} on 127.0.0.1, meant for PostgreSQL, is in use`);
  const fatal = lastWords.split("\n").find((line) => /FATAL|PANIC/.test(line)) ?? lastWords.split("\n").at(-1);
  return new RigError("DATA_FOLDER", `PostgreSQL did not start on ${data}: ${fatal}`, {
    hint: "its own words are in rig logs",
  });
}
