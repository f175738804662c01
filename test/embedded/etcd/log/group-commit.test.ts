import { expect, it } from "vitest";
import { GroupCommit } from "../../../../src/embedded/etcd/log/group-commit.ts";
import type { LogFile } from "../../../../src/embedded/etcd/log/log-file.ts";
import { until } from "../../../support/until.ts";

/** A disk whose writes end when the test says so. */
function slowDisk() {
  const writes: { bytes: number; succeed: () => void; fail: (error: Error) => void }[] = [];
  const file: LogFile = {
    segment: 1,
    bytes: 0,
    append: (buffer) =>
      new Promise((succeed, fail) => {
        writes.push({ bytes: buffer.length, succeed, fail });
      }),
    close: async () => {},
  };
  return { file, writes };
}

function committing() {
  const disk = slowDisk();
  const durable: number[] = [];
  const failures: unknown[] = [];
  const commit = new GroupCommit({
    folder: "none",
    file: disk.file,
    sequence: 1,
    onDurable: (revision) => durable.push(revision),
    onFailure: (error) => failures.push(error),
  });
  const append = (revision: number) => commit.append({ kind: "compact", revision }, revision);
  return { ...disk, commit, append, durable, failures };
}

it("writes at once, and gathers what comes meanwhile into one write", async () => {
  const { commit, append, writes, durable } = committing();
  const first = commit.durable(append(1));
  await until(() => writes.length === 1);
  const later = Promise.all([2, 3, 4].map((revision) => commit.durable(append(revision))));

  writes[0]?.succeed();
  await first;
  await until(() => writes.length === 2);
  writes[1]?.succeed();
  await later;

  expect(durable).toEqual([1, 4]);
  expect(commit.settled).toBe(true);
});

it("tells nobody before the bytes are on disk", async () => {
  const { commit, append, writes, durable } = committing();
  let told = false;
  const waiting = commit.durable(append(1)).then(() => {
    told = true;
  });
  await until(() => writes.length === 1);

  expect([told, durable, commit.settled]).toEqual([false, [], false]);
  writes[0]?.succeed();
  await waiting;
});

it("fails all that waits and all that comes after the disk refused", async () => {
  const { commit, append, writes, failures } = committing();
  const inFlight = commit.durable(append(1));
  await until(() => writes.length === 1);
  const queued = commit.durable(append(2));
  const broken = new Error("ENOSPC: no space left on device");

  writes[0]?.fail(broken);

  await expect(inFlight).rejects.toBe(broken);
  await expect(queued).rejects.toBe(broken);
  expect(() => append(3)).toThrow(broken);
  await expect(commit.rotate()).rejects.toBe(broken);
  expect(failures).toEqual([broken]);
  await commit.close();
  expect(writes.length).toBe(1);
});
