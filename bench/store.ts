import { etcdClient } from "../src/etcd/client.ts";
import { connect, type EtcdAddress } from "../src/etcd/connection.ts";
import { absent, type Operation, put } from "../src/etcd/operation.ts";
import { openProcessLease, type ProcessLease } from "../src/etcd/process-lease.ts";
import { toTxn } from "../src/etcd/txn.ts";
import { toMessage } from "../src/etcd/wire.ts";
import { systemClock } from "../src/runtime/clock.ts";
import { atLeast, atMost, type Benchmark, type BenchRow, median, noted } from "./benchmark.ts";
import { openStore, startStore } from "./support/embedded-stores.ts";
import { withPrograms } from "./support/program.ts";
import { startEtcd } from "./support/servers.ts";

const ROUNDS = 3;
const IN_FLIGHT = 64;
const WARM_UP = 500;
const COMMITS = 20_000;
const TRANSACTIONS = 4_000; // ten times slower
const ALONE = 500;
const PUTS = 5_000;
const VALUE = Buffer.alloc(100, "v");

/** Group commit against transactions of one's own, and the embedded store against etcd, with the same client, turn by turn. */
export const store: Benchmark = async (signal) =>
  withPrograms(async (keep) => {
    const etcd = keep(await startEtcd(signal));
    const grpc = keep(await startStore());
    const { transport } = keep(await openStore());
    const commits = await measureCommits({ endpoints: [etcd.url] }, signal);
    const puts = await measurePuts(
      { endpoints: [etcd.url] },
      { endpoints: [grpc.url] },
      { endpoints: [], transport },
      signal,
    );
    return [...commits, ...puts];
  });

/** Runs `once` so many times, so many at a time. @returns how many a second */
async function rate(count: number, inFlight: number, once: () => Promise<unknown>): Promise<number> {
  let left = count;
  const caller = async () => {
    while (left-- > 0) await once();
  };
  const startedAt = systemClock.monotonic();
  await Promise.all(Array.from({ length: inFlight }, caller));
  return (count * 1_000) / (systemClock.monotonic() - startedAt);
}

/** The same guarded compare-and-put by both ways: together with others, and as one transaction each. */
async function measureCommits(address: EtcdAddress, signal: AbortSignal): Promise<BenchRow[]> {
  const etcd = etcdClient({ ...address, prefix: "/bench/" });
  const lease = await openProcessLease(etcd, { processId: "bench" });
  const plain = connect(address);
  const next = operations(lease);
  const commit = () => etcd.commit(next());
  const transact = () => plain.kv.txn(toMessage(toTxn(next())));
  const rates = { commit: [] as number[], transact: [] as number[] };
  const alone = { commit: [] as number[], transact: [] as number[] };
  try {
    for (const way of [commit, transact]) await rate(WARM_UP, IN_FLIGHT, way);
    for (let round = 0; round < ROUNDS; round++) {
      signal.throwIfAborted();
      rates.commit.push(await rate(COMMITS, IN_FLIGHT, commit));
      rates.transact.push(await rate(TRANSACTIONS, IN_FLIGHT, transact));
      for (let turn = 0; turn < ALONE; turn++) {
        alone.commit.push(1_000 / (await rate(1, 1, commit)));
        alone.transact.push(1_000 / (await rate(1, 1, transact)));
      }
    }
  } finally {
    plain.close();
    await lease.close();
    await etcd.close();
  }
  const [grouped, single] = [median(rates.commit), median(rates.transact)];
  const [aloneMs, plainMs] = [median(alone.commit), median(alone.transact)];
  return [
    atLeast(`group commit, ${IN_FLIGHT} in flight`, grouped, "operations/s", grouped / single, 8),
    noted(`one transaction each, ${IN_FLIGHT} in flight`, single, "operations/s"),
    atMost("group commit, alone", aloneMs, "ms", aloneMs / plainMs, 1.1),
    noted("one plain transaction", plainMs, "ms"),
  ];
}

/** Each one puts a key of its own where there is none, as long as the lease lives. */
function operations(lease: ProcessLease): () => Operation<boolean> {
  let count = 0;
  return () => {
    const key = `/bench/put/${++count}`;
    return {
      what: "put",
      guard: lease.guard(),
      when: [absent(key)],
      apply: [put(key, VALUE)],
      answer: ({ succeeded }) => succeeded,
      settle: async () => ({ was: "lost" }),
    };
  };
}

/** Plain puts through etcd3, without anything of ours around it. */
async function measurePuts(real: EtcdAddress, overGrpc: EtcdAddress, inProcess: EtcdAddress, signal: AbortSignal) {
  const stores = [real, overGrpc, inProcess].map((address) => ({ client: connect(address), rates: [] as number[] }));
  let count = 0;
  try {
    for (let round = 0; round <= ROUNDS; round++)
      for (const { client, rates } of stores) {
        signal.throwIfAborted();
        const putOne = () => client.kv.put({ key: Buffer.from(`/puts/${++count}`), value: VALUE });
        const perSecond = await rate(round === 0 ? WARM_UP : PUTS, IN_FLIGHT, putOne);
        if (round > 0) rates.push(perSecond);
      }
  } finally {
    for (const { client } of stores) client.close();
  }
  const [etcd = 0, grpc = 0, direct = 0] = stores.map(({ rates }) => median(rates));
  return [
    noted(`puts to etcd, ${IN_FLIGHT} in flight`, etcd, "puts/s"),
    atLeast("puts to the embedded store over gRPC", grpc, "puts/s", grpc / etcd, 0.6),
    atLeast("puts to the embedded store in process", direct, "puts/s", direct / etcd, 5),
  ];
}
