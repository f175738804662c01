import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import type { Etcd } from "../../src/etcd/client.ts";
import { etcdElection } from "../../src/etcd/election.ts";
import { aborted } from "../../src/runtime/aborted.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { type RunningStore, STORES } from "../support/etcd-stores.ts";
import { type EtcdWorld, inEtcdWorld } from "../support/etcd-world.ts";
import { until } from "../support/until.ts";

/** Work that notes who does it, until its term ends. */
const noting = (log: string[], name: string) => async (signal: AbortSignal) => {
  log.push(`${name} begins`);
  await aborted(signal);
  log.push(`${name} ends`);
};

describe.concurrent.each(STORES)("an election on $name", ({ start }) => {
  let store: RunningStore | null;
  beforeAll(async () => {
    store = await start();
  });
  afterAll(async () => {
    await store?.close();
  });
  beforeEach((context) => {
    if (!store) context.skip();
  });

  /** A process of its own: client, lease, election. */
  async function candidate(world: EtcdWorld, prefix = etcdPrefix()) {
    const etcd: Etcd = world.client(store!.client(prefix));
    const lease = await world.lease(etcd);
    return { prefix, etcd, lease, election: etcdElection(etcd, lease) };
  }

  it(
    "lets one lead, and the next when that one leaves",
    inEtcdWorld(async (world) => {
      const log: string[] = [];
      const a = await candidate(world);
      const b = await candidate(world, a.prefix);
      const leaving = world.background((signal) => a.election.lead("sweep", noting(log, "a"), signal));
      await until(() => log.length === 1);
      world.background((signal) => b.election.lead("sweep", noting(log, "b"), signal));
      await until(async () => (await b.etcd.list(b.etcd.keys.leaders)).entries.length === 1);

      leaving.abort();
      await until(() => log.length === 3);

      expect(log).toEqual(["a begins", "a ends", "b begins"]);
    }),
  );

  it(
    "lets one of two in the same process lead",
    inEtcdWorld(async (world) => {
      const log: string[] = [];
      const { election } = await candidate(world);
      const first = world.background((signal) => election.lead("sweep", noting(log, "a"), signal));
      await until(() => log.length === 1);
      world.background((signal) => election.lead("sweep", noting(log, "b"), signal));

      first.abort();
      await until(() => log.length === 3);

      expect(log).toEqual(["a begins", "a ends", "b begins"]);
    }),
  );

  it(
    "ends the term of one whose lease is revoked, before another begins",
    inEtcdWorld(async (world) => {
      const log: string[] = [];
      const a = await candidate(world);
      const b = await candidate(world, a.prefix);
      world.background((signal) => a.election.lead("sweep", noting(log, "a"), signal));
      await until(() => log.length === 1);

      await b.etcd.revokeLease(a.lease.guard().leaseId);
      await until(() => log[1] === "a ends");
      world.background((signal) => b.election.lead("sweep", noting(log, "b"), signal));
      await until(() => log.length >= 3);

      expect(log.slice(0, 2)).toEqual(["a begins", "a ends"]);
    }),
  );

  it(
    "leads different duties side by side",
    inEtcdWorld(async (world) => {
      const log: string[] = [];
      const { election } = await candidate(world);
      world.background((signal) => election.lead("sweep", noting(log, "sweep"), signal));
      world.background((signal) => election.lead("close-runs", noting(log, "close-runs"), signal));

      await until(() => log.length === 2);

      expect(log.sort()).toEqual(["close-runs begins", "sweep begins"]);
    }),
  );

  it(
    "leads again after work that ended or that a neighbour's absence broke, and passes on a bug",
    inEtcdWorld(async (world) => {
      const { election } = await candidate(world);
      let terms = 0;
      const leading = election.lead(
        "sweep",
        async () => {
          terms += 1;
          if (terms === 1) return;
          if (terms === 2) throw new RigError("DATABASE_UNREACHABLE", "away");
          throw new TypeError("a bug");
        },
        new AbortController().signal,
      );

      await expect(leading).rejects.toThrow("a bug");
      expect(terms).toBe(3);
    }),
  );
});
