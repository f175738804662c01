import { describe, expect, it } from "vitest";
import { serveGrpc } from "../../../src/embedded/etcd/grpc-server.ts";
import { etcdBinary, startEtcd } from "../../support/etcd.ts";
import { fullCount } from "../../support/full-count.ts";
import { caughtUp, outcome, randomCall, seeded, settle, type WatchPair, watchBoth } from "./fuzz.ts";
import { type RawClient, rawGrpc } from "./raw-client.ts";
import { temporaryStore } from "./temporary-store.ts";

const OPERATIONS = fullCount(5_000, 50_000, "RIG_FUZZ_OPS");
const OPERATION_MS = 60; // on a busy machine, watches and their settling included; a quiet one takes 2
const WATCHES = 0.02; // of the operations are followed by the start of one
const GIVEN = process.env.RIG_FUZZ_SEED;
const SEEDS = GIVEN
  ? [Number(GIVEN)]
  : Array.from({ length: fullCount(1, 10) }, () => Math.floor(Math.random() * 2 ** 31));

interface Stores {
  /** The real one's, and ours. */
  readonly clients: readonly [RawClient, RawClient];
  /** Of the real one. */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** The real one and ours, both fresh. */
async function bothStores(): Promise<Stores> {
  const etcd = await startEtcd();
  const store = await temporaryStore();
  const listener = await serveGrpc(store, { host: "127.0.0.1", port: 0 });
  const clients = [rawGrpc(etcd?.endpoint ?? ""), rawGrpc(`127.0.0.1:${listener.port}`)] as const;
  return {
    clients,
    endpoint: etcd?.endpoint ?? "",
    async close() {
      for (const client of clients) client.close();
      await listener.close();
      await store.close();
      await etcd?.stop();
    },
  };
}

/** Sends the same operations to both and compares every answer, and what every watch was told. */
async function compare(seed: number, { clients, endpoint }: Stores): Promise<void> {
  const dice = seeded(seed);
  let watches: WatchPair[] = [];
  let revision = 1;
  let compacted = 0;
  for (let n = 0; n < OPERATIONS; n++) {
    if (dice.chance(WATCHES)) {
      watches.push(await watchBoth(dice, { revision, compacted }, clients));
    }
    const call = randomCall(dice, revision);
    if (call.path === "KV.Compact" && watches.length > 0) await caughtUp(endpoint);

    const [theirs, ours] = await Promise.all(clients.map((client) => outcome(client, call)));

    expect(ours, `operation ${n}, seed ${seed}: ${JSON.stringify(call)}`).toEqual(theirs);
    if (call.path === "KV.Compact" && theirs.code === undefined)
      compacted = (call.request as { revision: number }).revision;
    revision = Number(theirs.header?.revision ?? revision);
    if (watches.length <= 5 && n < OPERATIONS - 1) continue;
    for (const pair of watches) {
      const [told, alsoTold] = await settle(pair);
      expect(alsoTold, `watch by operation ${n}, seed ${seed}: ${JSON.stringify(pair.wish)}`).toEqual(told);
      for (const stream of pair.streams) stream.end();
    }
    watches = [];
  }
}

describe.skipIf(etcdBinary() === null)("the embedded store beside a real etcd (none installed: not run)", () => {
  it.each(SEEDS)(
    `answers the same to ${OPERATIONS} random operations, RIG_FUZZ_SEED=%i`,
    async (seed) => {
      const stores = await bothStores();
      try {
        await compare(seed, stores);
      } finally {
        await stores.close();
      }
    },
    OPERATIONS * OPERATION_MS,
  );
});
