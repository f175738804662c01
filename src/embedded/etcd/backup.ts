import type { FileHandle } from "node:fs/promises";
import { open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../../domain/clock.ts";
import { RigError } from "../../domain/errors.ts";
import { isDiskError } from "./disk-error.ts";
import { IDENTITY_FILE, makeIdentity } from "./identity.ts";
import { FILE_MODE, logPath, makeFolder, readFolder, snapshotPath, syncFolder } from "./log/folder.ts";
import { openEmbeddedStore, randomId } from "./store.ts";

/** What a copy of a store holds. */
export interface Copied {
  readonly folder: string;
  readonly revision: number;
  readonly keys: number;
}

const TRIES = 5; // a snapshot takes the place of the log at most every few seconds
const PART_BYTES = 1_024 * 1_024;

/**
 * Copies a store as it is at one moment, with every write that was acknowledged before, into a folder of its own that is
 * whole or not there. Safe while a process has the store: what it reads is only ever appended to.
 * @throws RigError NOT_FOUND where there is no store, CONFLICT where `target` is taken, DATA_FOLDER where the store is damaged
 */
export const backUpStore = (folder: string, target: string, clock: Clock): Promise<Copied> =>
  copyStore(folder, target, clock, async (unfinished) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await copyFiles(folder, unfinished);
      } catch (error) {
        if (!isMissing(error) || attempt === TRIES) throw error;
        await rm(unfinished, { recursive: true, force: true });
        await makeFolder(unfinished);
      }
    }
  });

/**
 * Makes a store out of a backup. It is another store with the same keys: clients of the one before notice by its id that
 * its revisions mean something else.
 * @throws RigError NOT_FOUND where there is no backup, CONFLICT where `folder` holds a store, DATA_FOLDER where the backup is damaged
 */
export const restoreStore = (backup: string, folder: string, clock: Clock): Promise<Copied> =>
  copyStore(backup, folder, clock, async (unfinished) => {
    await copyFiles(backup, unfinished);
    await rm(join(unfinished, IDENTITY_FILE));
    await makeIdentity(unfinished, () => randomId(Math.random));
  });

type Copy = (unfinished: string) => Promise<void>;

async function copyStore(from: string, to: string, clock: Clock, copy: Copy): Promise<Copied> {
  try {
    return await copyWhole(from, to, clock, copy);
  } catch (error) {
    if (!isDiskError(error)) throw error;
    throw new RigError("DATA_FOLDER", `${from} cannot be copied to ${to}: ${error.message}`, { cause: error });
  }
}

async function copyWhole(from: string, to: string, clock: Clock, copy: Copy): Promise<Copied> {
  if (!(await filesIn(from)).includes(IDENTITY_FILE)) throw new RigError("NOT_FOUND", `${from} holds no etcd store`);
  if ((await filesIn(to)).length > 0)
    throw new RigError("CONFLICT", `${to} is not empty`, { hint: "Name a folder that is not there yet." });
  const unfinished = `${to}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  try {
    await makeFolder(unfinished);
    await copy(unfinished);
    const found = await check(unfinished, clock);
    await syncFolder(unfinished);
    await rename(unfinished, to);
    await syncFolder(dirname(to));
    return { folder: to, ...found };
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** Opens a copy as a store: what could not be read back is no backup. */
async function check(folder: string, clock: Clock): Promise<{ revision: number; keys: number }> {
  const store = await openEmbeddedStore({ folder, clock });
  const range = { key: Buffer.from([0]), range_end: Buffer.from([0]), count_only: true };
  const answer = await store.api.unary("KV.Range")?.(range);
  await store.close();
  const { header, count } = answer as { header: { revision: string }; count: string };
  return { revision: Number(header.revision), keys: Number(count) };
}

/** Opens all files before it reads the first: one that is removed meanwhile can still be read. */
async function copyFiles(from: string, to: string): Promise<void> {
  const { logs, snapshots } = await readFolder(from);
  const newest = snapshots.at(-1);
  const kept = logs.filter((segment) => segment >= (newest ?? 0)).map((segment) => logPath(from, segment));
  const paths = [join(from, IDENTITY_FILE), ...(newest === undefined ? [] : [snapshotPath(from, newest)]), ...kept];
  const handles: FileHandle[] = [];
  try {
    for (const path of paths) handles.push(await open(path));
    for (const [i, handle] of handles.entries()) await copyFile(handle, join(to, basename(paths[i] as string)));
  } finally {
    await Promise.all(handles.map((handle) => handle.close()));
  }
}

async function copyFile(from: FileHandle, path: string): Promise<void> {
  const to = await open(path, "wx", FILE_MODE);
  try {
    const part = Buffer.allocUnsafe(PART_BYTES);
    for (let bytes = -1; bytes !== 0; ) {
      bytes = (await from.read(part, 0, PART_BYTES, null)).bytesRead;
      await to.writeFile(part.subarray(0, bytes));
    }
    await to.sync();
  } finally {
    await to.close();
  }
}

const filesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error: unknown) => (isMissing(error) ? [] : Promise.reject(error)));

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";
