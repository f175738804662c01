import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RigError } from "../../domain/errors.ts";
import { FILE_MODE } from "./log/folder.ts";

/** Who holds a folder. A process id alone is not enough: ids are given again. */
interface Holder {
  readonly pid: number;
  /** Boot id and the process's start in clock ticks since then; null where the system does not tell. */
  readonly startedAt: string | null;
}

const LOCK = "lock";

/** Held until it is released, or its process is gone. */
export interface FolderLock {
  /** Safe to repeat. */
  release(): Promise<void>;
}

/**
 * Takes the folder for this process. A lock whose process is gone, killed or not, is taken over.
 * @throws RigError ALREADY_RUNNING naming the process that holds it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, LOCK);
  const mine = JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid) } satisfies Holder);
  const draft = `${path}.${process.pid}.${nextDraft++}`;
  await writeFile(draft, mine, { mode: FILE_MODE });
  try {
    while (!(await claim(draft, path))) await removeStale(folder, path, draft);
  } finally {
    await rm(draft, { force: true });
  }
  let held = true;
  return {
    async release() {
      if (!held) return;
      held = false;
      await rm(path, { force: true });
    },
  };
}

let nextDraft = 1; // two stores of one process must not share a draft

/** A link appears whole or not at all, and never over another's. */
async function claim(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function removeStale(folder: string, path: string, draft: string): Promise<void> {
  const content = await readOrNull(path);
  if (content === null) return; // released in between
  const holder = parse(content);
  if (holder !== null && (await isAlive(holder)))
    throw new RigError("ALREADY_RUNNING", `the embedded store in ${folder} is in use by process ${holder.pid}`, {
      hint: "stop that process, or use another folder",
    });
  const aside = `${draft}.stale`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  // somebody else may have taken over between the read and the rename: give theirs back
  if ((await readOrNull(aside)) !== content) await claim(aside, path);
  await rm(aside, { force: true });
}

const readOrNull = (path: string): Promise<string | null> => readFile(path, "utf8").catch(() => null); // gone is an answer

function parse(content: string): Holder | null {
  try {
    const { pid, startedAt } = JSON.parse(content) as Holder;
    return Number.isInteger(pid) && pid > 0 ? { pid, startedAt } : null;
  } catch {
    return null; // half-written by a system that crashed: nobody holds it
  }
}

async function isAlive({ pid, startedAt }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false; // EPERM: alive, and another user's
  }
  return startedAt === null || startedAt === (await startOf(pid));
}

async function startOf(pid: number): Promise<string | null> {
  const [stat, bootId] = await Promise.all([
    readOrNull(`/proc/${pid}/stat`),
    readOrNull("/proc/sys/kernel/random/boot_id"),
  ]);
  // the name in parentheses may hold anything; the 20th field behind it is the start time
  const ticks = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return ticks && bootId ? `${bootId.trim()}/${ticks}` : null;
}
