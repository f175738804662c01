import { mkdir, open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Only the owner may look in: values are credentials to somebody. */
const FOLDER_MODE = 0o700;
/** The mode of every file of the store. */
export const FILE_MODE = 0o600;

const LOG = /^log-(\d{10})$/;
const SNAPSHOT = /^snapshot-(\d{10})$/;

const numbered = (kind: string, segment: number): string => `${kind}-${String(segment).padStart(10, "0")}`;

/** The log segment with this number. Segment n+1 goes on where n ends. */
export const logPath = (folder: string, segment: number): string => join(folder, numbered("log", segment));

/** The snapshot that holds everything before log segment n. */
export const snapshotPath = (folder: string, segment: number): string => join(folder, numbered("snapshot", segment));

/** What a snapshot is called until it is whole. */
export const unfinishedPath = (path: string): string => `${path}.unfinished`;

export interface FolderContent {
  /** Ascending. */
  readonly logs: readonly number[];
  /** Ascending. */
  readonly snapshots: readonly number[];
  /** Files that a killed predecessor left half-written. */
  readonly unfinished: readonly string[];
}

/** Makes the folder, for its owner alone, where it is missing. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
}

export async function readFolder(folder: string): Promise<FolderContent> {
  const names = await readdir(folder);
  const numbers = (pattern: RegExp): number[] =>
    names
      .flatMap((name) => pattern.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  return {
    logs: numbers(LOG),
    snapshots: numbers(SNAPSHOT),
    unfinished: names.filter((name) => name.endsWith(".unfinished")).map((name) => join(folder, name)),
  };
}

/** Makes names that were just created or removed durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
