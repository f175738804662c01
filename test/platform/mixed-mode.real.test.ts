import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { compareTracks } from "../../src/demo/compare-packets.ts";
import { etcdBinary, type RealEtcd, startEtcd } from "../support/etcd.ts";
import { emptyDatabase, type FreshDatabase } from "../support/fresh-database.ts";
import { lastPublish, openShow } from "../support/live-show.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { type ListedStream, rigCommands } from "../support/rig-commands.ts";
import { until } from "../support/until.ts";

describe.skipIf(etcdBinary() === null || inject("postgresUrl") === null)(
  "rig up on a PostgreSQL and an etcd that run already",
  () => {
    let database: FreshDatabase;
    let etcd: RealEtcd | null;
    let platform: TestPlatform;

    beforeAll(async () => {
      [database, etcd] = await Promise.all([emptyDatabase(), startEtcd()]);
      platform = await startPlatform({ env: { DATABASE_URL: database.url, ETCD_ENDPOINTS: etcd?.endpoint ?? "" } });
    });
    afterAll(async () => {
      await platform?.stop();
      await Promise.all([database?.drop(), etcd?.stop()]);
    });

    it("carries a publish, and runs no stores of its own", async () => {
      const show = await openShow(platform, { sinks: 2 });
      const { status } = platform;

      const encoder = await show.goLive();
      await until(() => encoder.sent.length > 100, { what: "100 packets are sent" });
      const isLive = async () =>
        (await platform.json<ListedStream[]>(["streams", "list"])).some(
          ({ id, live }) => id === show.stream.id && live,
        );
      await until(isLive, { stepMs: 200, what: "it is listed as live" });
      await encoder.end();

      for (const { publishes } of show.sinks) {
        await until(() => lastPublish(publishes).length >= encoder.sent.length).catch(() => {}); // judged below
        expect(compareTracks(encoder.sent, lastPublish(publishes)).problem).toBeNull();
      }
      expect(status.etcd.endpoints).toEqual([etcd?.endpoint]);
      expect(status.database.url).toBe(database.url.replace(/:[^:@/]+@/, "@"));
      expect(
        (await readdir(join(platform.folder, ".rig"))).filter((name) => ["postgres", "etcd"].includes(name)),
      ).toEqual([]);
      await show.close();
    });

    it("tells a command without that PostgreSQL's password what to set, at once", async () => {
      const data = join(platform.folder, ".rig");
      const { run } = rigCommands({ PATH: process.env.PATH, HOME: platform.folder, RIG_DATA: data }, platform.folder);

      const { code, stderr } = await run(["users", "list"]);

      expect(code).toBe(6);
      expect(stderr).toBe(
        "rig: PostgreSQL asks for a password, and none is set\n" +
          "Put it into DATABASE_URL, or into a file that DATABASE_PASSWORD_FILE names.\n",
      );
    });
  },
);
