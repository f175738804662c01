import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openEmbeddedStore } from "../../../src/embedded/etcd/store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { fullCount } from "../../support/full-count.ts";
import { startChild } from "./child.ts";
import { rawGrpc, rawInProcess } from "./raw-client.ts";

const KILLS = fullCount(3, 50, "RIG_KILLS");
const KILL_MS = 20_000; // for one life of the writer, on a busy machine

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-store-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Lets a child write until it has acknowledged so many, kills it, and answers what it acknowledged. */
async function writeAndKill(round: number, acknowledgements: number): Promise<string[]> {
  const child = startChild(new URL("./writer-child.ts", import.meta.url), folder, String(round));
  const acknowledged: string[] = [];
  for await (const line of child.lines) {
    if (line !== "open") acknowledged.push(line);
    if (acknowledged.length >= acknowledgements) child.process.kill("SIGKILL");
  }
  await child.ended;
  return acknowledged;
}

it(
  `has every acknowledged write after ${KILLS} kills under 64 writers, and the folder is free again`,
  async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < KILLS; round++)
      acknowledged.push(...(await writeAndKill(round, 1_500 + 700 * (round % 5))));

    const store = await openEmbeddedStore({ folder, clock: systemClock });

    const client = rawInProcess(store);
    const { kvs } = await client.call("KV.Range", { key: Buffer.from("0"), range_end: Buffer.from("a") });
    const stored = new Map(kvs.map((kv: { key: Buffer; value: Buffer }) => [String(kv.key), String(kv.value)]));
    expect(acknowledged.length).toBeGreaterThan(1_500 * KILLS - 1);
    expect(acknowledged.filter((key) => stored.get(key) !== `value of ${key}`)).toEqual([]);
    await store.close();
  },
  KILLS * KILL_MS,
);

it("refuses a folder that another store has open, naming its process, and frees it at close", async () => {
  const store = await openEmbeddedStore({ folder, clock: systemClock });

  await expect(openEmbeddedStore({ folder, clock: systemClock })).rejects.toMatchObject({
    code: "ALREADY_RUNNING",
    message: expect.stringContaining(`process ${process.pid}`),
  });

  await store.close();
  await (await openEmbeddedStore({ folder, clock: systemClock })).close();
});

it("keeps its folder and files from other users", async () => {
  const inner = join(folder, "store");
  const store = await openEmbeddedStore({ folder: inner, clock: systemClock });

  expect((await stat(inner)).mode & 0o777).toBe(0o700);
  for (const file of ["lock", "store.json", "log-0000000001"])
    expect((await stat(join(inner, file))).mode & 0o777, file).toBe(0o600);
  expect(JSON.parse(await readFile(join(inner, "lock"), "utf8"))).toMatchObject({ pid: process.pid });
  await store.close();
});

const STANDSTILLS = Array.from({ length: fullCount(1, 20, "RIG_STANDSTILLS") }, (_, index) => index + 1);

it.each(STANDSTILLS)(
  "lets no lease end for a process that stood still longer than the lease is (round %i)",
  async () => {
    const child = startChild(new URL("./serve-child.ts", import.meta.url), folder);
    const [port] = (await once(child.lines, "line")) as [string];
    const client = rawGrpc(`127.0.0.1:${port}`);
    const { ID } = await client.call("Lease.LeaseGrant", { TTL: 2 });
    await client.call("KV.Put", { key: Buffer.from("k"), value: Buffer.from("v"), lease: ID });

    child.process.kill("SIGSTOP");
    await new Promise<void>((wake) => setTimeout(wake, 3_500)); // real time: another process stands still
    child.process.kill("SIGCONT");

    expect((await client.call("KV.Range", { key: Buffer.from("k") })).count).toBe("1");
    const alive = client.keepAlive();
    alive.write({ ID });
    expect((await alive.message(0)).TTL).toBe("2");
    client.close();
    child.process.kill("SIGKILL");
    await child.ended;
  },
);
