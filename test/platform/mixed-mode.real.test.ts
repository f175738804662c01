import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { compareTracks } from "../../src/demo/compare-packets.ts";
import { etcdBinary, type RealEtcd, startEtcd } from "../support/etcd.ts";
import { emptyDatabase, type FreshDatabase } from "../support/fresh-database.ts";
import { lastPublish, openShow } from "../support/live-show.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { type RealRedis, redisBinary, startRedis } from "../support/redis.ts";
import { type ListedStream, rigCommands } from "../support/rig-commands.ts";
import { until } from "../support/until.ts";

describe.skipIf(etcdBinary() === null || inject("postgresUrl") === null)(
  "rig up on a PostgreSQL and an etcd that run already",
  () => {
    let database: FreshDatabase;
    let etcd: RealEtcd | null;
    let redis: RealRedis | null;
    let platform: TestPlatform;

    beforeAll(async () => {
      [database, etcd, redis] = await Promise.all([
        emptyDatabase(),
        startEtcd(),
        redisBinary() === null ? null : startRedis(),
      ]);
      platform = await startPlatform({
        env: {
          ...{ DATABASE_URL: database.url, ETCD_ENDPOINTS: etcd?.endpoint ?? "" },
          ...(redis && { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(redis.port) }),
        },
      });
    });
    afterAll(async () => {
      await platform?.stop();
      await Promise.all([database?.drop(), etcd?.stop(), redis?.stop()]);
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

    it("shows viewer tokens where the platform has them to a command that is told nothing of Redis", async (context) => {
      if (redis === null) return context.skip();
      const { status, folder } = platform;
      const data = join(folder, ".rig");
      const { run, json } = rigCommands({ PATH: process.env.PATH, HOME: folder, RIG_DATA: data }, folder);
      const ask = () => fetch(`${status.streamService.url}/streams`, { headers: { "X-Stream-Session": "ada" } });
      await until(async () => (await ask()).status === 200, { what: "a token is given" });

      const listed = await json<{ session: string }[]>(["tokens", "list"]);
      const shown = await run(["status"]);

      expect(listed.map(({ session }) => session)).toEqual(["ada"]);
      expect(shown.stdout).toMatch(new RegExp(`\\nviewer tokens +in Redis redis://127.0.0.1:${redis.port}\\n`));
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
