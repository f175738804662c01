import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { serveGrpc } from "../../../src/embedded/etcd/grpc-server.ts";
import { openEmbeddedStore } from "../../../src/embedded/etcd/store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { etcdBinary, startEtcd } from "../../support/etcd.ts";
import { fullCount } from "../../support/full-count.ts";
import { outcome, randomCall, seeded, settle, type WatchPair, watchBoth } from "./fuzz.ts";
import { rawGrpc } from "./raw-client.ts";

const OPERATIONS = fullCount(600, 50_000, "RIG_FUZZ_OPS");
const SEED = Number(process.env.RIG_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe.skipIf(etcdBinary() === null)("the embedded store beside a real etcd (none installed: not run)", () => {
  it(`answers the same to ${OPERATIONS} random operations, RIG_FUZZ_SEED=${SEED}`, { timeout: 1_800_000 }, async () => {
    const etcd = await startEtcd();
    const folder = await mkdtemp(join(tmpdir(), "rig-store-"));
    const store = await openEmbeddedStore({ folder, clock: systemClock });
    const listener = await serveGrpc(store, { host: "127.0.0.1", port: 0 });
    const clients = [rawGrpc(etcd?.endpoint ?? ""), rawGrpc(`127.0.0.1:${listener.port}`)] as const;
    try {
      const dice = seeded(SEED);
      let watches: WatchPair[] = [];
      let revision = 1;
      for (let n = 0; n < OPERATIONS; n++) {
        if (dice.chance(0.05)) watches.push(await watchBoth(dice, revision, clients));
        const call = randomCall(dice, revision);

        const [theirs, ours] = await Promise.all(clients.map((client) => outcome(client, call)));

        expect(ours, `operation ${n}, seed ${SEED}: ${JSON.stringify(call)}`).toEqual(theirs);
        revision = Number(theirs.header?.revision ?? revision);
        if (watches.length > 5 || n === OPERATIONS - 1) {
          for (const pair of watches) {
            const [told, alsoTold] = await settle(pair);
            expect(alsoTold, `watch by operation ${n}, seed ${SEED}: ${JSON.stringify(pair.wish)}`).toEqual(told);
            for (const stream of pair.streams) stream.end();
          }
          watches = [];
        }
      }
    } finally {
      for (const client of clients) client.close();
      await listener.close();
      await store.close();
      await etcd?.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
