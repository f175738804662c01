import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { serveGrpc } from "../../../src/embedded/etcd/grpc-server.ts";
import { until } from "../../support/until.ts";
import { startChild } from "./child.ts";
import { type Message, rawGrpc } from "./raw-client.ts";
import { temporaryStore } from "./temporary-store.ts";

const MIB = 1_024 * 1_024;

it("tells each of 10,000 watchers what it watches, once, and nobody else", async () => {
  const STREAMS = 10;
  const EACH = 1_000;
  const store = await temporaryStore();
  const listener = await serveGrpc(store, { host: "127.0.0.1", port: 0 });
  const client = rawGrpc(`127.0.0.1:${listener.port}`);
  const streams = Array.from({ length: STREAMS }, () => client.watch());
  for (const [s, stream] of streams.entries())
    for (let n = 0; n < EACH; n++) {
      const key = Buffer.from(`w/${s}/${n}/`);
      const range_end = Buffer.from(`w/${s}/${n}0`); // every other watches a prefix
      stream.write({ create_request: { key, ...(n % 2 ? { range_end } : {}), watch_id: n + 1 } });
    }
  for (const stream of streams) await stream.message(EACH - 1);

  const puts = [
    ["w/3/4/", 3, 5],
    ["w/3/5/below", 3, 6],
    ["w/9/999/x", 9, 1_000],
    ["w/0/0/", 0, 1],
  ] as const;
  for (const [key] of puts) await client.call("KV.Put", { key: Buffer.from(key), value: Buffer.from("v") });
  await client.call("KV.Put", { key: Buffer.from("w/3/4/nobody's"), value: Buffer.from("v") });

  const told = () =>
    streams.flatMap((stream, s) =>
      stream.messages.flatMap(({ watch_id, events }: Message) =>
        events.map(({ kv }: Message) => [String(kv.key), s, Number(watch_id)]),
      ),
    );
  await until(() => told().length >= puts.length);
  expect(told().sort()).toEqual([...puts].sort());
  client.close();
  await listener.close();
  await store.close();
});

it("holds no more for a watcher that does not read, and tells it all, or that it missed some, once it does", async () => {
  const PUTS = 280;
  const VALUE_BYTES = 250_000; // 70 MB in all, a little more than the history holds
  const folder = await mkdtemp(join(tmpdir(), "rig-slow-"));
  const child = startChild(new URL("./serve-child.ts", import.meta.url), folder);
  const [port] = (await once(child.lines, "line")) as [string];
  const residentBytes = async () => {
    const status = await readFile(`/proc/${child.process.pid}/status`, "utf8");
    return Number(/(?<=^VmRSS:\s+)\d+/m.exec(status)?.[0]) * 1_024;
  };
  const [reader, writer] = [rawGrpc(`127.0.0.1:${port}`), rawGrpc(`127.0.0.1:${port}`)];
  const watches = Array.from({ length: 8 }, () => reader.watch());
  for (const watch of watches) {
    watch.write({ create_request: { key: Buffer.from("k") } });
    await watch.message(0);
    watch.pause();
  }
  const put = (n: number) =>
    writer.call("KV.Put", { key: Buffer.from("k"), value: Buffer.alloc(VALUE_BYTES, String(n % 10)) });
  for (let n = 0; n < 20; n++) await put(n);
  const before = await residentBytes();

  for (let n = 20; n < PUTS; n++) await put(n);

  const grown = (await residentBytes()) - before;
  expect(grown / MIB).toBeLessThan(300); // history and garbage; for eight who do not read all of it would be 500 MiB
  for (const watch of watches) watch.resume();
  const done = ({ messages }: (typeof watches)[number]) => {
    const seen = messages.flatMap(({ events }: Message) => events);
    return messages.at(-1)?.canceled ? "missed some" : seen.length === PUTS && "all";
  };
  await until(() => watches.every(done), { limitMs: 40_000, what: "all eight to catch up" });
  for (const watch of watches) {
    const versions = watch.messages.flatMap(({ events }: Message) =>
      events.map(({ kv }: Message) => Number(kv.version)),
    );
    expect(versions).toEqual(versions.map((_: number, index: number) => index + 1)); // none lost, none doubled
    if (done(watch) === "missed some") expect(Number(watch.messages.at(-1).compact_revision)).toBeGreaterThan(0);
  }
  for (const client of [reader, writer]) client.close();
  child.process.kill("SIGKILL");
  await child.ended;
  await rm(folder, { recursive: true, force: true });
});
