import { readFile, rm, stat } from "node:fs/promises";
import { RigError } from "../../../domain/errors.ts";
import { ByteReader } from "./byte-reader.ts";
import { type Entry, readEntry } from "./entry.ts";
import { logPath, readFolder, snapshotPath } from "./folder.ts";
import { findLaterFrame, readFrame } from "./frame.ts";
import { createLogFile, type LogFile, reopenLogFile } from "./log-file.ts";
import { readSnapshot, type Snapshot } from "./snapshot-file.ts";

/** Takes what stands on disk, in order. */
export interface Replay {
  restore(snapshot: Snapshot): void;
  /** @throws RangeError where the entry does not follow the one before */
  replay(entry: Entry): void;
}

/** Where writing goes on. */
export interface Recovered {
  readonly file: LogFile;
  /** The sequence number of the next frame. */
  readonly sequence: number;
  /** Bytes of a write that never finished, cut off the end of the log; 0 after a clean end. */
  readonly droppedBytes: number;
  /** Bytes of the snapshot; 0 where there is none. */
  readonly snapshotBytes: number;
}

/**
 * Replays snapshot and log of a folder. A write that never finished is cut off the end of the log.
 * @throws RigError DATA_FOLDER where something that was acknowledged is damaged or missing
 */
export async function recover(folder: string, replay: Replay): Promise<Recovered> {
  const { logs, snapshots, unfinished } = await readFolder(folder);
  for (const path of unfinished) await rm(path, { force: true });
  const newest = snapshots.at(-1);
  if (newest === undefined && logs.length === 0)
    return { file: await createLogFile(folder, 1), sequence: 1, droppedBytes: 0, snapshotBytes: 0 };

  let sequence = 1;
  if (newest !== undefined) sequence = await replaySnapshot(snapshotPath(folder, newest), replay);
  const snapshotBytes = newest === undefined ? 0 : (await stat(snapshotPath(folder, newest))).size;
  const first = newest ?? 1;
  await removeOld(folder, first, logs, snapshots);
  const last = logs.at(-1) ?? 0;
  if (last < first) return { file: await createLogFile(folder, first), sequence, droppedBytes: 0, snapshotBytes };
  let read = { sequence, bytes: 0, droppedBytes: 0 };
  for (let segment = first; segment <= last; segment++) {
    if (!logs.includes(segment)) throw damaged(logPath(folder, segment), "it is missing");
    read = await replayLog(logPath(folder, segment), read.sequence, segment === last, replay);
  }
  return { ...read, snapshotBytes, file: await reopenLogFile(folder, last, read.bytes) };
}

/** Removes what a snapshot made superfluous and a killed predecessor did not get to remove. */
async function removeOld(folder: string, first: number, logs: readonly number[], snapshots: readonly number[]) {
  for (const segment of logs) if (segment < first) await rm(logPath(folder, segment), { force: true });
  for (const segment of snapshots) if (segment < first) await rm(snapshotPath(folder, segment), { force: true });
}

async function replaySnapshot(path: string, replay: Replay): Promise<number> {
  try {
    const snapshot = await readSnapshot(path);
    replay.restore(snapshot);
    return snapshot.sequence;
  } catch (error) {
    throw damaged(path, error instanceof Error ? error.message : String(error), error);
  }
}

async function replayLog(path: string, firstSequence: number, isLast: boolean, replay: Replay) {
  const file = await readFile(path);
  let sequence = firstSequence;
  let at = 0;
  while (at < file.length) {
    const frame = readFrame(file, at);
    if (frame === null) {
      const later = findLaterFrame(file, at, sequence);
      if (later !== null || !isLast) throw damaged(path, `the write at byte ${at} does not match its check sum`);
      return { sequence, bytes: at, droppedBytes: file.length - at };
    }
    if (frame.sequence !== sequence)
      throw damaged(path, `at byte ${at} stands write ${frame.sequence}, not ${sequence}`);
    try {
      replayFrame(frame.payload, replay);
    } catch (cause) {
      throw damaged(path, `the write at byte ${at} does not fit: ${cause}`, cause);
    }
    sequence += 1;
    at = frame.end;
  }
  return { sequence, bytes: at, droppedBytes: 0 };
}

function replayFrame(payload: Buffer, replay: Replay): void {
  const reader = new ByteReader(payload);
  while (!reader.done) replay.replay(readEntry(reader));
}

const damaged = (path: string, what: string, cause?: unknown): RigError =>
  new RigError("DATA_FOLDER", `the embedded store's ${path} is damaged: ${what}`, {
    cause,
    hint: "restore the folder from a backup, or move it away to begin with an empty store",
  });
