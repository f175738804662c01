import { randomUUID } from "node:crypto";
import { link, readdir, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RigError } from "../domain/errors.ts";
import { isRunning, ownIdentity, type ProcessIdentity } from "./process-identity.ts";

interface Holder extends ProcessIdentity {
  readonly nonce: string;
}

/**
 * Locks a folder for this process until the returned function is called; a holder that was killed is recognised.
 * @throws RigError ALREADY_RUNNING that names the process which holds it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "lock");
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, JSON.stringify({ ...ownIdentity(), nonce: randomUUID() } satisfies Holder), { mode: 0o600 });
  try {
    while (!(await tryLink(own, path))) await removeDead(path, own, folder);
    for (const name of await readdir(folder))
      if (name.startsWith("lock.dead.")) await rm(join(folder, name), { force: true });
  } finally {
    await rm(own, { force: true });
  }
  return () => rm(path, { force: true });
}

/** The living process that holds a folder; null where there is none. */
export async function findHolder(folder: string): Promise<ProcessIdentity | null> {
  const holder = await readHolder(join(folder, "lock"));
  return holder !== null && isRunning(holder) ? holder : null;
}

/**
 * Removes a lock whose holder is dead. Two that find it dead at once: the right to remove one certain lock is itself taken
 * by creating a file, and the lock is read again under that right, so nobody removes a successor's.
 */
async function removeDead(path: string, own: string, folder: string): Promise<void> {
  const holder = await readHolder(path);
  if (holder === null) return;
  if (isRunning(holder))
    throw new RigError("ALREADY_RUNNING", `rig already runs on ${folder} (process ${holder.pid})`, {
      hint: "See it with `rig status`, stop it with `rig down`, or choose another folder with --data.",
    });
  const right = join(folder, `lock.dead.${holder.nonce}`);
  if (!(await tryLink(own, right))) return removeDead(right, own, folder);
  if ((await readHolder(path))?.nonce === holder.nonce) await unlink(path);
  await rm(right, { force: true });
}

/** Gives `from` a second name, in one step and only if that name is free. */
async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    if (error instanceof SyntaxError) return { pid: 0, start: "", nonce: "unreadable" }; // cut off by a crash: dead
    throw error;
  }
}
