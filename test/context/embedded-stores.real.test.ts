import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";
import { openEtcdPlace } from "../../src/context/embedded-stores.ts";
import { etcdClient } from "../../src/etcd/client.ts";
import { create } from "../support/held-etcd.ts";
import { silentLog } from "../support/silent-log.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-stores-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the store of `rig up`", () => {
  it("is full at ETCD_QUOTA_MIB, and says so to who writes", async () => {
    const env = { RIG_DATA: join(folder, "data"), ETCD_PORT: "0", ETCD_QUOTA_MIB: "1" };
    const { settings } = await loadSettings({ env, cwd: folder });
    const { address, part } = await openEtcdPlace(settings, silentLog);
    const etcd = etcdClient(address);
    const fill = (name: string) => etcd.commit(create(`${etcd.keys.prefix}${name}`, "v".repeat(400 * 1_024)));

    const answers = [await fill("a"), await fill("b"), await fill("c").catch((error) => error.code)];
    await etcd.close();
    await part?.stop();

    expect(answers).toEqual([true, true, "OVERLOADED"]);
  });
});
