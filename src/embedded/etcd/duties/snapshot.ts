import { rm } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../../domain/clock.ts";
import { logPath, readFolder, snapshotPath } from "../log/folder.ts";
import type { GroupCommit } from "../log/group-commit.ts";
import { createSnapshot, type SnapshotWriter } from "../log/snapshot-file.ts";
import type { Bytes } from "../state/bytes.ts";
import type { Machine } from "../state/machine.ts";
import { isTombstone, type KeyRecord, recordBytes } from "../state/record.ts";

// The event loop carries media too: collecting and encoding one slice must stay well under 10 ms.
const SLICE_MS = 3;
const SLICE_BYTES = 256 * 1_024;

interface Ports {
  readonly folder: string;
  readonly machine: Machine;
  readonly commit: GroupCommit;
  readonly clock: Clock;
  /** Keeps what a reader at this revision needs until `unpin`. */
  readonly pin: (revision: number) => void;
  readonly unpin: () => void;
}

/** What a snapshot holds. */
export interface Taken {
  readonly revision: number;
  readonly bytes: number;
}

/**
 * Writes the state as it is now beside the log, in slices, while steps go on, and removes the log before it.
 * @returns what was written; null where it was aborted
 * @throws the file system's error; the store is as it was before
 */
export async function takeSnapshot(ports: Ports, signal: AbortSignal): Promise<Taken | null> {
  const { folder, machine, commit } = ports;
  const { noSpace } = machine;
  const { revision } = machine.keyspace;
  const leases = [...machine.leases.all()].map(({ id, ttlSeconds }) => ({ lease: id, ttlSeconds }));
  ports.pin(revision);
  try {
    const { segment, sequence } = await commit.rotate(); // queued at once: what comes later is in the new segment
    const writer = await createSnapshot(snapshotPath(folder, segment), { revision, sequence, leases, noSpace });
    try {
      await writeAll(ports, writer, revision, signal);
      if (signal.aborted) return null;
      const bytes = await writer.finish();
      await removeBefore(folder, segment);
      return { revision, bytes };
    } finally {
      await writer.discard();
    }
  } finally {
    ports.unpin();
  }
}

async function writeAll({ machine, clock }: Ports, writer: SnapshotWriter, revision: number, signal: AbortSignal) {
  for (let next: Bytes | null = ""; next !== null && !signal.aborted; ) {
    const slice = collect(machine, revision, next, clock);
    if (slice.records.length > 0) await writer.records(slice.records);
    next = slice.next;
    await nextTurn();
  }
}

/** The records from a key on that stand at the revision, as many as fit one slice, and the key to go on from. */
function collect({ keyspace }: Machine, revision: number, start: Bytes, clock: Clock) {
  const records: KeyRecord[] = [];
  const until = clock.monotonic() + SLICE_MS;
  let bytes = 0;
  let next: Bytes | null = null;
  keyspace.visitNewest({ start, end: "" }, (newest) => {
    if (bytes > SLICE_BYTES || (bytes > 0 && clock.monotonic() > until)) {
      next = newest.key;
      return false;
    }
    const record = standingAt(newest, revision);
    if (record === null) return true;
    records.push(record);
    bytes += recordBytes(record);
    return true;
  });
  return { records, next };
}

/** A delete of the very revision counts: a watch may start there. */
function standingAt(newest: KeyRecord, revision: number): KeyRecord | null {
  let record: KeyRecord | null = newest;
  while (record !== null && record.modRevision > revision) record = record.older;
  return record === null || (isTombstone(record) && record.modRevision < revision) ? null : record;
}

async function removeBefore(folder: string, segment: number): Promise<void> {
  const { logs, snapshots } = await readFolder(folder);
  for (const old of snapshots) if (old < segment) await rm(snapshotPath(folder, old), { force: true });
  for (const old of logs) if (old < segment) await rm(logPath(folder, old), { force: true });
}
