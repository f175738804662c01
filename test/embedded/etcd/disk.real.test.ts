import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEmbeddedStore, type StoreOptions } from "../../../src/embedded/etcd/store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { fullCount } from "../../support/full-count.ts";
import { until } from "../../support/until.ts";
import { breakDisk, type DiskFault } from "./broken-disk.ts";
import { JITI } from "./child.ts";
import { type Message, rawInProcess } from "./raw-client.ts";

const run = promisify(execFile);
// a mount of our own, as root or in a user namespace
const IN_NAMESPACE = process.getuid?.() === 0 ? ["--mount"] : ["--map-root-user", "--mount"];
const canMount = await run("unshare", [...IN_NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).then(
  () => true,
  () => false,
);

const rounds = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

let folder: string;
let mend: () => void = () => {};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-disk-"));
});
afterEach(async () => {
  mend();
  await rm(folder, { recursive: true, force: true });
});

const open = (more: Partial<StoreOptions> = {}) => openEmbeddedStore({ folder, clock: systemClock, ...more });
const putOf = (client: ReturnType<typeof rawInProcess>) => (key: string) =>
  client.call("KV.Put", { key: Buffer.from(key), value: Buffer.from(`value of ${key}`) });

describe("a disk that refuses", () => {
  const faults: readonly DiskFault[] = [
    { call: "write", code: "ENOSPC", half: false },
    { call: "write", code: "ENOSPC", half: true },
    { call: "write", code: "EIO", half: false },
    { call: "write", code: "EIO", half: true },
    { call: "datasync", code: "EIO", half: false },
    { call: "datasync", code: "ENOSPC", half: false },
  ];
  it.each(faults)(
    "$call with $code, half written: $half, stops the store; what was acknowledged is there again",
    async (fault) => {
      const store = await open();
      const client = rawInProcess(store);
      const put = putOf(client);
      const watch = client.watch();
      watch.write({ create_request: { key: Buffer.from("k"), range_end: Buffer.from("l") } });
      await watch.message(0);
      await Promise.all(["k1", "k2", "k3"].map(put));
      mend = await breakDisk(fault);

      const refused = await Promise.allSettled(["k4", "k5"].map(put));
      const reason = await store.failed;
      mend();

      for (const end of refused) expect(end).toMatchObject({ status: "rejected", reason: { code: 14 } });
      expect(reason).toMatchObject({ code: "DATA_FOLDER", hint: expect.stringContaining(fault.code) });
      await expect(put("k6")).rejects.toMatchObject({ code: 14 }); // also once the disk takes bytes again
      await expect(client.call("KV.Range", { key: Buffer.from("k1") })).rejects.toMatchObject({ code: 14 });
      await until(() => watch.errors.length > 0);
      expect(watch.messages.flatMap(({ events }: Message) => events).map(({ kv }: Message) => String(kv.key))).toEqual([
        "k1",
        "k2",
        "k3",
      ]);
      await store.close();
      const again = await open();
      const { kvs } = await rawInProcess(again).call("KV.Range", {
        key: Buffer.from("k"),
        range_end: Buffer.from("k4"),
      });
      expect(kvs.map(({ key }: Message) => String(key))).toEqual(["k1", "k2", "k3"]);
      await again.close();
    },
  );

  it("while a snapshot is written costs nothing but that snapshot", async () => {
    const warnings: string[] = [];
    const log = { info: () => {}, warn: (_: object, message: string) => warnings.push(message), error: () => {} };
    const store = await open({ log, snapshotAfterBytes: 10_000 });
    const put = putOf(rawInProcess(store));
    mend = await breakDisk({ call: "appendFile", code: "ENOSPC" });
    for (let i = 0; i < 400; i++) await put(`k${i}`);
    await until(() => warnings.length > 0);
    mend();

    expect(warnings[0]).toBe("embedded store could not write a snapshot");
    await put("one more");
    await rawInProcess(store).call("Maintenance.Defragment", {});
    await store.close();
    const again = await open();
    expect(
      (await rawInProcess(again).call("KV.Range", { key: Buffer.from("\0"), range_end: Buffer.from("\0") })).count,
    ).toBe("401");
    await again.close();
  });

  it("tells a client that asks to defragment, and goes on", async () => {
    const store = await open();
    const client = rawInProcess(store);
    mend = await breakDisk({ call: "appendFile", code: "ENOSPC" });

    await expect(client.call("Maintenance.Defragment", {})).rejects.toMatchObject({
      code: 13,
      details: expect.stringContaining("ENOSPC"),
    });

    mend();
    await putOf(client)("k");
    await store.close();
  });
});

// where nobody may mount, the faults above and a limit on file sizes (test/commands) stand for it
if (canMount)
  it.each(rounds(fullCount(1, 20, "RIG_FULL_DISKS")))(
    "stops on a disk that is full, loses nothing acknowledged, and starts again when there is room (round %i)",
    async () => {
      const child = fileURLToPath(new URL("./full-disk-child.ts", import.meta.url));
      const mounted = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" "$3" "$4" "$1"';
      const { stdout } = await run("unshare", [
        ...[...IN_NAMESPACE, "sh", "-c", mounted, "sh"],
        ...[folder, process.execPath, JITI, child],
      ]);

      const seen = JSON.parse(stdout);
      expect(seen.acknowledged).toBeGreaterThan(100);
      expect(seen).toMatchObject({
        refusals: [14],
        failure: `the embedded store in ${folder}/store has stopped: its log cannot be written`,
        hint: expect.stringContaining("ENOSPC"),
        whileFull: expect.stringMatching(/^DATA_FOLDER: .*ENOSPC.* make room on its disk/),
        lost: [],
      });
    },
  );

it("names a folder that cannot be one", async () => {
  await expect(openEmbeddedStore({ folder: "/dev/null/store", clock: systemClock })).rejects.toMatchObject({
    code: "DATA_FOLDER",
    message: expect.stringContaining("/dev/null/store cannot be opened: ENOTDIR"),
  });
});
