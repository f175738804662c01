import { Etcd3 } from "etcd3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { inform } from "../../src/etcd/informer.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { type RunningStore, STORES } from "../support/etcd-stores.ts";
import { etcdWorld } from "../support/etcd-world.ts";
import { create } from "../support/held-etcd.ts";
import { until } from "../support/until.ts";

const world = etcdWorld();

describe.each(STORES.slice(0, 2))("a key that is no UTF-8, put by another hand, on $name", ({ start }) => {
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

  it("is passed over by lists and informers, and leaves those beside it alone", async () => {
    const prefix = etcdPrefix();
    const etcd = world.client(store!.client(prefix));
    const raw = new Etcd3({ hosts: store!.endpoint ?? "" });
    const told: string[] = [];
    const foreign = (byte: number) =>
      raw.kv.put({ key: Buffer.concat([Buffer.from(prefix), Buffer.of(byte)]), value: Buffer.of(1) });
    await foreign(0xfe);
    await etcd.commit(create(`${prefix}a`, "v"));

    world.background((signal) => inform(etcd, prefix, { onPut: ({ key }) => void told.push(key) }, signal));
    await until(() => told.length === 1);
    await foreign(0xff);
    await etcd.commit(create(`${prefix}b`, "v"));
    await until(() => told.length === 2);
    raw.close();

    expect(told).toEqual([`${prefix}a`, `${prefix}b`]);
    expect((await etcd.list(prefix)).entries.map(({ key }) => key)).toEqual(told);
  });
});
