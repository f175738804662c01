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

  it("is read past by pages and lists, be it one of many that are too large for an answer", async () => {
    const prefix = etcdPrefix();
    const etcd = world.client(store!.client(prefix));
    const raw = new Etcd3({ hosts: store!.endpoint ?? "" });
    const large = Buffer.alloc(1_300_000, "x");
    for (let byte = 0xf0; byte < 0xfd; byte++)
      await raw.kv.put({ key: Buffer.concat([Buffer.from(prefix), Buffer.of(byte)]), value: large }); // 17 MB in all
    await raw.kv.put({ key: Buffer.concat([Buffer.from(`${prefix}x`), Buffer.of(0xff)]), value: large });
    await etcd.commit(create(`${prefix}y`, "v"));
    raw.close();

    const page = await etcd.page({ from: prefix, before: `${prefix}~`, limit: 1 });

    expect(page.map(({ key }) => key)).toEqual([`${prefix}y`]);
    expect((await etcd.list(prefix)).entries.map(({ key }) => key)).toEqual([`${prefix}y`]);
  });
});
