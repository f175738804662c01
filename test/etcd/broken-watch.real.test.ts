import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Etcd, etcdClient } from "../../src/etcd/client.ts";
import { inform } from "../../src/etcd/informer.ts";
import { type KeyValue, type Operation, put, remove } from "../../src/etcd/operation.ts";
import { seeded } from "../embedded/etcd/fuzz.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { type RunningStore, STORES } from "../support/etcd-stores.ts";
import { etcdWorld } from "../support/etcd-world.ts";
import { fullCount } from "../support/full-count.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const world = etcdWorld();
const SEED = Number(process.env.RIG_FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = fullCount(1, 20, "RIG_FAULTS");
const WRITES = 1_000;
const KEYS = 25;

const write = (key: string, value: string | null): Operation<void> => ({
  what: "write",
  when: [],
  apply: [value === null ? remove(key) : put(key, Buffer.from(value))],
  answer: () => {},
  settle: async () => ({ was: "lost" }),
});

describe.each(STORES.slice(0, 2))(`a watch that breaks, on $name, RIG_FAULT_SEED=${SEED}`, ({ start }) => {
  const dice = seeded(SEED);
  let store: RunningStore | null;
  let proxy: TcpProxy;
  let etcd: Etcd;
  let folder: string;
  beforeAll(async () => {
    store = await start();
  });
  afterAll(async () => {
    await store?.close();
  });
  beforeEach(async (context) => {
    if (!store?.endpoint) return context.skip();
    proxy = await tcpProxy(store.endpoint);
    folder = etcdPrefix();
    etcd = world.client(store.client(folder));
  });
  afterEach(async () => {
    await proxy?.close();
  });

  /** What an informer behind the proxy tells. */
  async function follow(): Promise<string[]> {
    const told: string[] = [];
    await followInto(told, world.client(etcdClient({ endpoints: [proxy.endpoint], prefix: folder })), folder);
    return told;
  }

  /** What the store itself has to tell, from a revision on, until `last` is written. */
  async function history(fromRevision: number, last: string): Promise<string[]> {
    const events: string[] = [];
    const stream = await etcd.watch({
      prefix: folder,
      fromRevision,
      onEvents: (some) => {
        for (const { type, entry } of some)
          events.push(
            type === "put" ? `+${entry.key.slice(folder.length)}=${entry.value}` : `-${entry.key.slice(folder.length)}`,
          );
      },
      onEnd: () => {},
    });
    await until(() => events.at(-1) === last);
    stream.end();
    return events;
  }

  it(`loses and doubles nothing of ${WRITES} writes, wherever it is cut`, { timeout: ROUNDS * 120_000 }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { revision } = await etcd.list(folder);
      const told = await follow();
      const from = told.length;
      let cuts = 0;

      for (let n = 0; n < WRITES; ) {
        const together = 1 + dice.below(KEYS); // one transaction, one revision: a cut must not fall between its events
        await Promise.all(
          Array.from({ length: together }, (_, k) =>
            etcd.commit(write(`${folder}k${k}`, dice.chance(0.2) ? null : `${round}.${n + k}`)),
          ),
        );
        n += together;
        if (dice.chance(0.25)) {
          proxy.cut();
          cuts += 1;
        }
        if (!dice.chance(0.5)) continue;
        proxy.mend();
        const before = told.length;
        if (dice.chance(0.3)) {
          await etcd.commit(write(`${folder}k0`, `${round}.${n} seen`));
          await until(() => told.length > before, { stepMs: 1 }); // connected, and cut next while events are under way
        }
      }
      proxy.mend();
      await etcd.commit(write(`${folder}k0`, `last of ${round}`));
      const last = `+k0=last of ${round}`;
      await until(() => told.at(-1) === last);

      expect(cuts).toBeGreaterThan(3);
      expect(told.slice(from)).toEqual(await history(revision + 1, last));
    }
  });

  it("catches up with more than one message can carry", async () => {
    const told = await follow();
    const large = "x".repeat(500_000);

    proxy.cut();
    for (let n = 0; n < 40; n++) await etcd.commit(write(`${folder}k`, `${n}${large}`));
    proxy.mend();
    await until(() => told.length >= 40);

    expect(told).toEqual(Array.from({ length: 40 }, (_, n) => `+k=${n}${large}`));
  });
});

/** Tells into `told` what an informer does, as `+key=value` and `-key`; resolves when it has listed. */
async function followInto(told: string[], client: Etcd, folder: string): Promise<void> {
  let listed = false;
  const informed = {
    onPut: ({ key, value }: KeyValue) => void told.push(`+${key.slice(folder.length)}=${value}`),
    onDelete: (key: string) => void told.push(`-${key.slice(folder.length)}`),
    onListed: () => {
      listed = true;
    },
  };
  world.background((signal) => inform(client, folder, informed, signal));
  await until(() => listed);
}

it("is told the difference to a store that was put in the place of another and is ahead of it", async () => {
  const start = STORES[1]!.start;
  const [before, after] = [(await start())!, (await start())!];
  const proxy = await tcpProxy(before.endpoint ?? "");
  const folder = etcdPrefix();
  const [first, second] = [world.client(before.client(folder)), world.client(after.client(folder))];
  for (const key of ["both", "first"]) await first.commit(write(`${folder}${key}`, "first"));
  for (const key of ["both", "second"]) await second.commit(write(`${folder}${key}`, "second"));
  for (let n = 0; n < 10; n++) await second.commit(write("/elsewhere", "v"));
  const told: string[] = [];
  await followInto(told, world.client(etcdClient({ endpoints: [proxy.endpoint], prefix: folder })), folder);

  proxy.cut();
  proxy.retarget(after.endpoint ?? "");
  proxy.mend();
  await until(() => told.length >= 5);
  await second.commit(write(`${folder}later`, "v"));
  await until(() => told.length >= 6);

  expect(told.slice(0, 2)).toEqual(["+both=first", "+first=first"]);
  expect(told.slice(2)).toEqual(["-first", "+both=second", "+second=second", "+later=v"]);
  await proxy.close();
  await before.close();
  await after.close();
});
