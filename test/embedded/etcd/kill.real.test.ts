import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openEmbeddedStore } from "../../../src/embedded/etcd/store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { rawInProcess } from "./raw-client.ts";

const KILLS = Number(process.env.RIG_KILLS ?? 3);
const CHILD = fileURLToPath(new URL("./writer-child.ts", import.meta.url));
const JITI = join(dirname(createRequire(import.meta.url).resolve("jiti/package.json")), "lib/jiti-cli.mjs");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-store-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Lets a child write until it has acknowledged so many, kills it, and answers what it acknowledged. */
async function writeAndKill(round: number, acknowledgements: number): Promise<string[]> {
  const child = spawn(process.execPath, [JITI, CHILD, folder, String(round)], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== "open") acknowledged.push(line);
    if (acknowledged.length >= acknowledgements) child.kill("SIGKILL");
  }
  await ended;
  return acknowledged;
}

it(`has every acknowledged write after ${KILLS} kills under 64 writers, and the folder is free again`, async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round < KILLS; round++) acknowledged.push(...(await writeAndKill(round, 1_500 + 700 * round)));

  const store = await openEmbeddedStore({ folder, clock: systemClock });

  const client = rawInProcess(store);
  const { kvs } = await client.call("KV.Range", { key: Buffer.from("0"), range_end: Buffer.from("a") });
  const stored = new Map(kvs.map((kv: { key: Buffer; value: Buffer }) => [String(kv.key), String(kv.value)]));
  expect(acknowledged.length).toBeGreaterThan(1_500 * KILLS - 1);
  expect(acknowledged.filter((key) => stored.get(key) !== `value of ${key}`)).toEqual([]);
  await store.close();
});

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
