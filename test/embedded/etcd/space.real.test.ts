import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serveGrpc } from "../../../src/embedded/etcd/grpc-server.ts";
import { type EmbeddedStore, openEmbeddedStore, type StoreOptions } from "../../../src/embedded/etcd/store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { startEtcd } from "../../support/etcd.ts";
import { until } from "../../support/until.ts";
import { type CtlEnd, type Etcdctl, etcdctl, etcdctlBinary } from "./etcdctl/etcdctl.ts";
import { rawInProcess } from "./raw-client.ts";

const BINARY = etcdctlBinary();
const QUOTA_BYTES = 4 * 1_024 * 1_024;
const PUT_BYTES = 400_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-space-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (more: Partial<StoreOptions> = {}) => openEmbeddedStore({ folder, clock: systemClock, ...more });
const put = (store: EmbeddedStore, key: string, value: string) =>
  rawInProcess(store).call("KV.Put", { key: Buffer.from(key), value: Buffer.from(value) });

/** Fills a store past its quota and makes room again; what was said on the way. */
async function fillAndRecover(ctl: Etcdctl) {
  const value = "x".repeat(PUT_BYTES);
  let full: CtlEnd | null = null;
  for (let n = 0; n < 20 && full === null; n++) {
    const end = await ctl.run(["put", `big/${n}`], value);
    if (end.code !== 0) full = end;
  }
  const last = ({ code, stdout, stderr }: CtlEnd) => ({
    code,
    stdout: stdout.replace(/\d+/g, "N"),
    stderr:
      stderr
        .split("\n")
        .at(-2)
        ?.replace(/127\.0\.0\.1:\d+|took = .*/g, "") ?? "",
  });
  const said = [full ? last(full) : null];
  const say = async (...args: string[]) => said.push(last(await ctl.run(args)));
  await say("alarm", "list");
  await say("put", "small", "value");
  await say("lease", "grant", "60");
  await say("get", "big/", "--prefix", "--keys-only", "--limit=1");
  await say("endpoint", "health");
  const { stdout } = await ctl.run(["endpoint", "status", "-w", "json"]);
  const [{ Status }] = JSON.parse(stdout);
  said.push({ code: 0, stdout: String(Status.errors).replace(/\d+/, "N"), stderr: "" });
  await ctl.run(["del", "big/", "--prefix"]);
  const { revision } = JSON.parse((await ctl.run(["get", "x", "-w", "json"])).stdout).header;
  await say("compaction", "--physical", String(revision)); // or etcd answers before it has, and the next call finds it full
  await ctl.run(["defrag"]);
  await say("put", "small", "value");
  await say("alarm", "disarm");
  await say("alarm", "list");
  await say("put", "small", "value");
  return said;
}

describe("a store without space", () => {
  it.skipIf(BINARY === null)(
    "says and takes what a real etcd does, until there is room and the alarm is off",
    async () => {
      const store = await open({ quotaBytes: QUOTA_BYTES });
      const listener = await serveGrpc(store, { host: "127.0.0.1", port: 0 });
      const etcd = await startEtcd([`--quota-backend-bytes=${QUOTA_BYTES}`]);
      const ctl = (endpoint: string) => etcdctl(BINARY ?? "", [`--endpoints=${endpoint}`]);
      try {
        const [ours, theirs] = await Promise.all([
          fillAndRecover(ctl(`127.0.0.1:${listener.port}`)),
          etcd && fillAndRecover(ctl(etcd.endpoint)),
        ]);

        expect(ours[0]).toMatchObject({ code: 1, stderr: "Error: etcdserver: mvcc: database space exceeded" });
        expect(ours.at(-1)).toEqual({ code: 0, stdout: "OK\n", stderr: "" });
        expect(ours).toEqual(theirs ?? ours);
      } finally {
        await listener.close();
        await store.close();
        await etcd?.stop();
      }
    },
  );

  it.each(["from its log", "from a snapshot"])("is still so after a restart, %s", async (way) => {
    const first = await open({ quotaBytes: 1_000 });
    await put(first, "a", "small");
    await expect(put(first, "b", "x".repeat(1_000))).rejects.toMatchObject({ code: 8 });
    if (way === "from a snapshot") await rawInProcess(first).call("Maintenance.Defragment", {});
    await first.close();

    const warnings: string[] = [];
    const log = { info: () => {}, warn: (_: object, words: string) => warnings.push(words), error: () => {} };
    const second = await open({ quotaBytes: 1_000_000, log });

    await expect(put(second, "b", "now there is room")).rejects.toMatchObject({ code: 8 });
    expect(warnings).toEqual(["embedded store is full: puts are refused until the alarm NOSPACE is disarmed"]);
    const disarm = { action: "Deactivate", alarm: "Nospace" };
    expect((await rawInProcess(second).call("Maintenance.Alarm", disarm)).alarms).toHaveLength(1);
    await put(second, "b", "now there is room");
    await second.close();
  });
});

describe("Defragment", () => {
  it("puts a snapshot in the place of the log, and the disk takes no more than what is left", async () => {
    const store = await open();
    const client = rawInProcess(store);
    for (let i = 0; i < 30; i++) await put(store, "k", `${i}`.padEnd(100_000));
    const before = Number((await client.call("Maintenance.Status", {})).dbSize);

    await client.call("Maintenance.Defragment", {});

    const after = Number((await client.call("Maintenance.Status", {})).dbSize);
    expect(before).toBeGreaterThan(3_000_000);
    expect(after).toBeLessThan(110_000);
    expect((await readdir(folder)).filter((name) => /^(log|snapshot)-/.test(name)).sort()).toEqual([
      "log-0000000002",
      "snapshot-0000000002",
    ]);
    await store.close();
    const again = await open();
    expect((await rawInProcess(again).call("KV.Range", { key: Buffer.from("k") })).kvs[0].version).toBe("30");
    await again.close();
  });

  it("asked for twice at once, and while a snapshot is written, does what both asked for", async () => {
    const store = await open({ snapshotAfterBytes: 50_000 });
    const client = rawInProcess(store);
    await Promise.all(Array.from({ length: 100 }, (_, i) => put(store, `k${i}`, "v".repeat(1_000))));

    await Promise.all([client.call("Maintenance.Defragment", {}), client.call("Maintenance.Defragment", {})]);

    await until(async () => (await readdir(folder)).filter((name) => name.startsWith("snapshot-")).length === 1);
    expect((await client.call("KV.Range", { key: Buffer.from("k"), range_end: Buffer.from("l") })).count).toBe("100");
    await store.close();
  });
});
