import { createServer, type Server, type Socket } from "node:net";
import { describe, expect, inject, it } from "vitest";
import { type Etcd, etcdClient } from "../../src/etcd/client.ts";
import { inform } from "../../src/etcd/informer.ts";
import type { LeaseNews } from "../../src/etcd/process-lease.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { type EtcdWorld, inEtcdWorld } from "../support/etcd-world.ts";
import { freePort } from "../support/free-port.ts";
import { create } from "../support/held-etcd.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 2_500;
const SLACK_MS = 7_500; // of a busy machine; one that hangs would take for ever
const HANGING_MS = 800; // each call to one that hangs would take longer

const endpoint = inject("etcdEndpoint");

describe.skipIf(endpoint === null).concurrent("several endpoints", () => {
  async function hangingEndpoint({ atEnd }: EtcdWorld): Promise<string> {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => void sockets.add(socket.on("error", () => {})));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    atEnd(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((closed) => server.close(() => closed()));
    });
    return `127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  async function proxy({ atEnd }: EtcdWorld): Promise<TcpProxy> {
    const opened = await tcpProxy(endpoint ?? "");
    atEnd(opened.close);
    return opened;
  }

  const put = (etcd: Etcd, name: string) => etcd.commit(create(`${etcd.keys.prefix}k/${name}`, "v"));

  /** Follows what `put` does. */
  function follow(world: EtcdWorld, etcd: Etcd): string[] {
    const told: string[] = [];
    const onPut = ({ key }: { key: string }) => void told.push(key.slice(`${etcd.keys.prefix}k/`.length));
    world.background((signal) => inform(etcd, `${etcd.keys.prefix}k/`, { onPut }, signal));
    return told;
  }

  async function timed<T>(work: Promise<T>): Promise<{ answer: T; ms: number }> {
    const startedAt = performance.now();
    return { answer: await work, ms: performance.now() - startedAt };
  }

  async function inTurn<T>(count: number, once: (n: number) => Promise<T>): Promise<T[]> {
    const answers: T[] = [];
    for (let n = 0; n < count; n++) answers.push(await once(n));
    return answers;
  }

  it.each([
    ["the dead one", 0],
    ["the one that hangs", 0.4],
    ["the good one", 0.9],
  ])(
    "of which one is dead and one hangs: begun with %s, every call is answered within its deadline",
    inEtcdWorld(async (world, _: string, dice: number) => {
      const endpoints = [`127.0.0.1:${await freePort()}`, await hangingEndpoint(world), endpoint ?? ""];
      const client = () => world.client(etcdClient({ endpoints, prefix: etcdPrefix(), random: () => dice }));
      const [reader, writer, watcher, holder] = [client(), client(), client(), client()];

      const read = await timed(reader.get(reader.keys.agent("a")));
      const written = await timed(put(writer, "k"));
      const told = follow(world, watcher);
      const lease = await world.lease(holder);
      await put(watcher, "seen");
      await until(() => told.length === 1);

      expect([read.answer, written.answer, lease.isSure(), told]).toEqual([null, true, true, ["seen"]]);
      expect(Math.max(read.ms, written.ms)).toBeLessThan(DEADLINE_MS + SLACK_MS);
    }),
  );

  it(
    "are left for another when one freezes under them: calls go on, and the lease is never in doubt",
    inEtcdWorld(async (world) => {
      const [first, second] = [await proxy(world), await proxy(world)];
      const endpoints = [first.endpoint, second.endpoint];
      const etcd = world.client(etcdClient({ endpoints, prefix: etcdPrefix(), random: () => 0 }));
      const news: LeaseNews[] = [];
      await world.lease(etcd, { ttlSeconds: 6, onNews: (each) => news.push(each) });
      const told = follow(world, etcd);
      await put(etcd, "before");
      await until(() => told.length === 1);

      first.freeze();
      const frozenAt = performance.now();
      const written = await timed(put(etcd, "while"));
      const again = await timed(inTurn(10, (n) => put(etcd, `after ${n}`)));
      await until(() => told.length === 12);
      await until(() => performance.now() - frozenAt > 7_000); // longer than the lease's life

      expect([written.answer, ...again.answer]).not.toContain(false);
      expect(written.ms).toBeLessThan(DEADLINE_MS + SLACK_MS);
      expect(again.ms).toBeLessThan(10 * HANGING_MS);
      expect(told.slice(0, 3)).toEqual(["before", "while", "after 0"]);
      expect(news).toEqual(["held"]);
    }),
  );

  it(
    "are said to be out of reach within the deadline where all hang",
    inEtcdWorld(async (world) => {
      const endpoints = [await hangingEndpoint(world), await hangingEndpoint(world)];
      const etcd = world.client(etcdClient({ endpoints, prefix: etcdPrefix() }));

      const read = await timed(etcd.get(etcd.keys.agent("a")).catch((error) => error.code));
      const written = await timed(put(etcd, "k").catch((error) => error.code));

      expect([read.answer, written.answer]).toEqual(["ETCD_UNREACHABLE", "ETCD_AMBIGUOUS"]);
      expect(Math.max(read.ms, written.ms)).toBeLessThan(DEADLINE_MS + SLACK_MS);
    }),
  );
});
