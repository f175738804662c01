import { describe, expect, it } from "vitest";
import { RigError } from "../../../src/domain/errors.ts";
import type { Etcd } from "../../../src/etcd/client.ts";
import { etcdKeys } from "../../../src/etcd/keys.ts";
import type { ProcessLease } from "../../../src/etcd/process-lease.ts";
import { keepOwnKey } from "../../../src/etcd/tasks/own-key.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeEtcd } from "../../support/fake-etcd.ts";
import { groupCommit } from "../../support/held-etcd.ts";

const KEY = "/t/tasks/worker/w1";

/** A store in which a process holds lease 7; `regrant` gives it lease 8, and the test gives the beats. */
async function world() {
  const clock = fakeClock();
  const store = fakeEtcd(new Set(["7", "8"]));
  const commits = groupCommit(store, clock);
  const errands = new Set<() => Promise<void>>();
  const aliveKey = "/t/alive/w1";
  const hold = async (leaseId: string) => {
    store.set(aliveKey, "", leaseId);
    return { leaseId, aliveKey, aliveRevision: (await store.read(aliveKey))?.modRevision ?? 0 };
  };
  let guard = await hold("7");
  let away = false;
  const etcd = {
    ...{ keys: etcdKeys("/t/"), clock, get: store.read },
    commit: async (operation: Parameters<typeof commits.commit>[0]) => {
      if (away) throw new RigError("ETCD_UNREACHABLE", "away");
      return commits.commit(operation);
    },
  } as unknown as Etcd;
  const lease = {
    ...{ guard: () => guard, suspect() {} },
    onBeat(errand: () => Promise<void>) {
      errands.add(errand);
      return () => errands.delete(errand);
    },
  } as unknown as ProcessLease;
  return {
    store,
    keep: (value: () => string) =>
      keepOwnKey(etcd, lease, { key: KEY, what: "say", value: () => Buffer.from(value()) }),
    async beat() {
      for (const errand of errands) await errand();
    },
    regrant: async () => {
      guard = await hold("8");
    },
    setAway(is: boolean) {
      away = is;
    },
    leaseOf: async () => (await store.read(KEY))?.leaseId,
  };
}

describe("a key of a process's own", () => {
  it("is written at the next beat that etcd answers where it could not be at first", async () => {
    const { store, keep, beat, setAway } = await world();
    setAway(true);

    expect(await keep(() => "here").written).toBe(false);
    await expect(beat()).rejects.toMatchObject({ code: "ETCD_UNREACHABLE" });
    setAway(false);
    await beat();

    expect(store.value(KEY)).toBe("here");
  });

  it("goes over to the lease that replaced a lost one", async () => {
    const { store, keep, beat, regrant, leaseOf } = await world();
    await keep(() => "here").written;
    store.remove(KEY); // with its lease

    await regrant();
    await beat();

    expect([store.value(KEY), await leaseOf()]).toEqual(["here", "8"]);
  });

  it("says what has changed at the next beat, and costs nothing where nothing has", async () => {
    const { store, keep, beat } = await world();
    let says = "one";
    await keep(() => says).written;
    const sent = store.requests.length;

    await beat();
    expect(store.requests).toHaveLength(sent);
    says = "two";
    await beat();

    expect(store.value(KEY)).toBe("two");
  });

  it("is gone once it was taken back, be it written that moment", async () => {
    const { store, keep, beat } = await world();
    let says = "one";
    const kept = keep(() => says);
    await kept.written;
    says = "two";

    await Promise.all([beat(), kept.takeBack()]);
    says = "three";
    await beat();

    expect(store.value(KEY)).toBeNull();
  });
});
