import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { KeyRecord, LeaseId } from "../state/record.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { FILE_MODE, syncFolder, unfinishedPath } from "./folder.ts";
import { FRAME_HEAD_BYTES, readFrame, sealFrame } from "./frame.ts";

/** A snapshot as it is read back. */
export interface Snapshot {
  readonly revision: number;
  /** The sequence number of the first log frame that is not in it. */
  readonly sequence: number;
  readonly leases: readonly { readonly lease: LeaseId; readonly ttlSeconds: number }[];
  /** True while the alarm NOSPACE is on. */
  readonly noSpace: boolean;
  /** Sorted by key. */
  readonly records: readonly KeyRecord[];
}

/** Writes one snapshot part by part. It has its name only once it is whole and on disk. */
export interface SnapshotWriter {
  /** Writes the next records; at most a few hundred KiB at once. */
  records(records: readonly KeyRecord[]): Promise<void>;
  /** @returns the bytes of the whole snapshot */
  finish(): Promise<number>;
  /** Removes what was written. Safe to repeat, and after `finish` it does nothing. */
  discard(): Promise<void>;
}

type Head = Omit<Snapshot, "records">;

export async function createSnapshot(path: string, head: Head): Promise<SnapshotWriter> {
  const unfinished = unfinishedPath(path);
  const handle = await open(unfinished, "w", FILE_MODE);
  let frames = 0;
  let count = 0;
  let bytes = 0;
  let isOpen = true;
  const write = async (fill: (writer: ByteWriter) => void): Promise<void> => {
    const writer = new ByteWriter();
    writer.skip(FRAME_HEAD_BYTES);
    fill(writer);
    bytes += writer.length;
    await handle.appendFile(sealFrame(writer.view(), frames++));
  };
  const end = async (): Promise<boolean> => {
    if (!isOpen) return false;
    isOpen = false;
    await handle.close();
    return true;
  };
  const discard = async (): Promise<void> => {
    if (await end()) await rm(unfinished, { force: true });
  };
  try {
    await write((writer) => writeHead(writer, head));
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    discard,
    async records(records) {
      count += records.length;
      await write((writer) => {
        writer.number(records.length);
        for (const record of records) writeRecord(writer, record);
      });
    },
    async finish() {
      await write((writer) => {
        writer.number(0); // no records: the end, with their number as proof
        writer.number(count);
      });
      await handle.sync();
      if (await end()) await rename(unfinished, path);
      await syncFolder(dirname(path));
      return bytes;
    },
  };
}

/** Reads a snapshot. @throws RangeError where it is not whole or not intact */
export async function readSnapshot(path: string): Promise<Snapshot> {
  const file = await readFile(path);
  let at = 0;
  let frames = 0;
  const next = (): ByteReader => {
    const frame = readFrame(file, at);
    if (frame === null || frame.sequence !== frames) throw new RangeError(`damaged at byte ${at}`);
    at = frame.end;
    frames += 1;
    return new ByteReader(frame.payload);
  };
  const head = readHead(next());
  const records: KeyRecord[] = [];
  for (;;) {
    const part = next();
    const length = part.number();
    if (length === 0) {
      const count = part.number();
      if (count !== records.length) throw new RangeError(`${records.length} of ${count} keys`);
      return { ...head, records };
    }
    for (let i = 0; i < length; i++) records.push(readRecord(part));
  }
}

function writeHead(to: ByteWriter, { revision, sequence, leases, noSpace }: Head): void {
  to.number(revision);
  to.number(sequence);
  to.number(leases.length);
  for (const { lease, ttlSeconds } of leases) {
    to.lease(lease);
    to.number(ttlSeconds);
  }
  to.byte(noSpace ? 1 : 0);
}

function readHead(from: ByteReader): Head {
  const revision = from.number();
  const sequence = from.number();
  const leases = Array.from({ length: from.number() }, () => ({ lease: from.lease(), ttlSeconds: from.number() }));
  const noSpace = !from.done && from.byte() === 1; // the first snapshots ended before it
  return { revision, sequence, leases, noSpace };
}

function writeRecord(to: ByteWriter, record: KeyRecord): void {
  to.bytes(record.key);
  to.bytes(record.value);
  to.number(record.createRevision);
  to.number(record.modRevision);
  to.number(record.version);
  to.lease(record.lease);
}

function readRecord(from: ByteReader): KeyRecord {
  return {
    key: from.bytes(),
    value: from.bytes(),
    createRevision: from.number(),
    modRevision: from.number(),
    version: from.number(),
    lease: from.lease(),
    older: null,
  };
}
