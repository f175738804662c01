import { GroupCommit } from "../../src/etcd/group-commit.ts";
import { absent, get, type Operation, put } from "../../src/etcd/operation.ts";
import { Deadlines } from "../../src/services/deadlines.ts";
import { fakeClock } from "./fake-clock.ts";
import { type FakeEtcd, fakeEtcd } from "./fake-etcd.ts";

/** Create-if-absent, the smallest operation there is; answers whether it is ours. */
export const create = (key: string, value: string, more: Partial<Operation<boolean>> = {}): Operation<boolean> => ({
  what: `create ${key}`,
  when: [absent(key)],
  apply: [put(key, Buffer.from(value))],
  otherwise: [get(key)],
  answer: ({ succeeded, found }) => succeeded || found[0]?.value.toString() === value,
  settle: async (read) => {
    const entry = await read(key);
    if (!entry) return { was: "not applied" };
    return entry.value.toString() === value ? { was: "applied", value: true } : { was: "lost" };
  },
  ...more,
});

/** A fake whose next answers are held until the test lets them go, or fail as it says. */
export function heldEtcd(etcd: FakeEtcd = fakeEtcd()) {
  const held: { go: () => void; fail: (error: Error, applied?: boolean) => void }[] = [];
  return {
    ...etcd,
    held,
    txn: (request: Parameters<FakeEtcd["txn"]>[0]) =>
      new Promise<Awaited<ReturnType<FakeEtcd["txn"]>>>((resolve, reject) => {
        held.push({
          go: () => etcd.txn(request).then(resolve, reject),
          fail: (error, applied = false) => {
            if (applied) etcd.txn(request).then(() => reject(error), reject);
            else reject(error);
          },
        });
      }),
  };
}

/** Group commit over a fake. */
export const groupCommit = (etcd: Pick<FakeEtcd, "txn" | "read">, clock = fakeClock()): GroupCommit =>
  new GroupCommit({ txn: etcd.txn, read: etcd.read, clock, deadlines: new Deadlines(clock) });
