import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findHolder, lockFolder } from "../../src/runtime/folder-lock.ts";
import { ownIdentity } from "../../src/runtime/process-identity.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rig-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const writeLock = (text: string) => writeFileSync(join(folder, "lock"), text);

it("lets one hold a folder, and the next once that released it", async () => {
  const release = await lockFolder(folder);

  await expect(lockFolder(folder)).rejects.toMatchObject({
    code: "ALREADY_RUNNING",
    message: `rig already runs on ${folder} (process ${process.pid})`,
  });
  await release();
  await (await lockFolder(folder))();
  expect(readdirSync(folder)).toEqual([]);
});

it.each([
  ["a killed process", JSON.stringify({ pid: 2 ** 22 + 1, start: "1", nonce: "n" })],
  ["a process whose id another one has now", JSON.stringify({ ...ownIdentity(), start: "before", nonce: "n" })],
  ["a process that died while it wrote", '{"pid": 12'],
])("takes over from %s", async (_who, text) => {
  writeLock(text);

  const release = await lockFolder(folder);

  await expect(lockFolder(folder)).rejects.toMatchObject({ code: "ALREADY_RUNNING" });
  await release();
});

it("takes over from a process that died while it took over", async () => {
  writeLock(JSON.stringify({ pid: 2 ** 22 + 1, start: "1", nonce: "first" }));
  writeFileSync(join(folder, "lock.dead.first"), JSON.stringify({ pid: 2 ** 22 + 2, start: "1", nonce: "second" }));

  await (await lockFolder(folder))();

  expect(readdirSync(folder)).toEqual([]);
});

it("goes to exactly one of many that find it dead, however their steps interleave", async () => {
  const ticks = async (count: number) => {
    for (let i = 0; i < count; i++) await new Promise<void>((done) => setImmediate(done));
  };
  for (let round = 0; round < 60; round++) {
    writeLock(JSON.stringify({ pid: 2 ** 22 + 1, start: "1", nonce: `n${round}` }));

    const tries = await Promise.allSettled(
      Array.from({ length: 12 }, async (_, index) => {
        await ticks(index * (round % 7));
        return lockFolder(folder);
      }),
    );

    const held = tries.filter((one) => one.status === "fulfilled");
    expect(held).toHaveLength(1);
    await held[0]!.value();
  }
});

it("knows who holds a folder, as long as that process lives", async () => {
  expect(await findHolder(folder)).toBeNull();
  const release = await lockFolder(folder);

  expect(await findHolder(folder)).toMatchObject(ownIdentity());

  await release();
  expect(await findHolder(folder)).toBeNull();
  writeLock(JSON.stringify({ ...ownIdentity(), start: "before", nonce: "n" }));
  expect(await findHolder(folder)).toBeNull();
});
