import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { takeSnapshot } from "../../../../src/embedded/etcd/duties/snapshot.ts";
import { snapshotPath } from "../../../../src/embedded/etcd/log/folder.ts";
import type { GroupCommit } from "../../../../src/embedded/etcd/log/group-commit.ts";
import { readSnapshot } from "../../../../src/embedded/etcd/log/snapshot-file.ts";
import { Machine } from "../../../../src/embedded/etcd/state/machine.ts";
import { systemClock } from "../../../../src/runtime/clock.ts";

const KEYS = 2_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-store-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function filledMachine() {
  const machine = new Machine({
    leaseNow: () => 0,
    minLeaseTtlSeconds: 2,
    quotaBytes: Number.POSITIVE_INFINITY,
    newLeaseId: () => "1",
    log: () => {},
  });
  machine.grant("55", 600);
  const put = (i: number, value: string) =>
    machine.perform({
      ...{ op: "put", key: `key ${i % KEYS}`, value, lease: i % 2 ? "55" : "0" },
      ...{ prevKv: false, ignoreValue: false, ignoreLease: false },
    });
  for (let i = 0; i < KEYS; i++) put(i, `first ${i}`.padEnd(1_000));
  let pinned = Number.POSITIVE_INFINITY;
  const ports = {
    ...{ folder, machine, clock: systemClock },
    commit: { rotate: async () => ({ segment: 2, sequence: 9 }) } as unknown as GroupCommit,
    pin: (revision: number) => {
      pinned = revision;
    },
    unpin: () => {
      pinned = Number.POSITIVE_INFINITY;
    },
  };
  const compact = () => {
    machine.compact(machine.keyspace.revision);
    machine.keyspace.trim(Math.min(machine.keyspace.revision, pinned), () => false);
  };
  return { machine, put, ports, compact };
}

it("holds the state of the moment it was begun, while writes and compactions go on", async () => {
  const { machine, put, ports, compact } = filledMachine();
  const { revision } = machine.keyspace;
  let done = false;
  const taking = takeSnapshot(ports, new AbortController().signal).finally(() => {
    done = true;
  });
  for (let i = 0; !done; i++) {
    for (let k = 0; k < 100; k++) put(i * 7_919 + k, "later");
    compact();
    await nextTurn();
  }
  await taking;

  const snapshot = await readSnapshot(snapshotPath(folder, 2));

  expect({ revision: snapshot.revision, sequence: snapshot.sequence }).toEqual({ revision, sequence: 9 });
  expect(snapshot.leases).toEqual([{ lease: "55", ttlSeconds: 600 }]);
  expect(snapshot.records.length).toBe(KEYS);
  expect(snapshot.records.filter(({ value, version }) => !value.startsWith("first") || version !== 1)).toEqual([]);
});

it("leaves nothing behind when it is broken off", async () => {
  const { ports } = filledMachine();
  const abort = new AbortController();
  const taking = takeSnapshot(ports, abort.signal);
  abort.abort();

  expect(await taking).toBeNull();
  expect(await readdir(folder)).toEqual([]);
});
