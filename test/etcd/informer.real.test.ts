import { Etcd3 } from "etcd3";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { type Etcd, etcdClient } from "../../src/etcd/client.ts";
import { inform } from "../../src/etcd/informer.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { etcdWorld } from "../support/etcd-world.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const world = etcdWorld();

describe("an informer", () => {
  let raw: Etcd3;
  let proxy: TcpProxy;
  let etcd: Etcd;
  let folder: string;

  beforeEach(async (context) => {
    const endpoint = inject("etcdEndpoint");
    if (endpoint === null) return context.skip();
    raw = new Etcd3({ hosts: endpoint });
    proxy = await tcpProxy(endpoint);
    folder = etcdPrefix();
    etcd = world.client(etcdClient({ endpoints: [proxy.endpoint], prefix: folder }));
  });
  afterEach(async () => {
    raw?.close();
    await proxy?.close();
  });

  /** What it tells, as `+key=value` and `-key`. */
  async function follow(): Promise<string[]> {
    const told: string[] = [];
    let listed = false;
    world.background((signal) =>
      inform(
        etcd,
        folder,
        {
          onPut: ({ key, value }) => void told.push(`+${key.slice(folder.length)}=${value}`),
          onDelete: (key) => void told.push(`-${key.slice(folder.length)}`),
          onListed: () => {
            listed = true;
          },
        },
        signal,
      ),
    );
    await until(() => listed);
    return told;
  }

  const put = async (key: string, value: string) => await raw.put(`${folder}${key}`).value(value);

  it("tells what is there, then what comes, each once and in order", async () => {
    await put("a", "1");
    const told = await follow();
    await put("a", "2");
    await put("b", "1");
    await raw.delete().key(`${folder}a`);

    await until(() => told.length === 4);

    expect(told).toEqual(["+a=1", "+a=2", "+b=1", "-a"]);
  });

  it("loses and doubles nothing when its connection breaks again and again under writes", async () => {
    const told = await follow();
    const expected: string[] = [];
    for (let n = 0; n < 60; n++) {
      await put("a", String(n));
      expected.push(`+a=${n}`);
      if (n % 20 === 10) proxy.cut();
      if (n % 20 === 15) proxy.mend();
    }

    await until(() => told.at(-1) === "+a=59");

    expect(told).toEqual(expected);
  });

  it("lists again where its place was compacted away, and tells the difference", async () => {
    await put("stays", "1");
    await put("goes", "1");
    await put("changes", "1");
    const told = await follow();
    expect(told).toHaveLength(3);

    proxy.cut();
    await raw.delete().key(`${folder}goes`);
    await put("changes", "2");
    const { header } = await put("comes", "1");
    await raw.kv.compact({ revision: header.revision });
    proxy.mend();
    await until(() => told.length >= 6);
    await put("after", "1");
    await until(() => told.length >= 7);

    expect(told.slice(3, 6).sort()).toEqual(["+changes=2", "+comes=1", "-goes"]);
    expect(told.slice(6)).toEqual(["+after=1"]);
  });
});
