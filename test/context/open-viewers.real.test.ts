import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";
import { openViewers } from "../../src/context/open-viewers.ts";
import { redisAccess } from "../../src/context/redis-place.ts";
import type { RedisClient } from "../../src/redis/client.ts";
import { redisViewerSessions } from "../../src/redis/viewer-sessions.ts";
import { stateFile } from "../../src/runtime/state-file.ts";
import { create, sessionNamed } from "../services/viewer-store-contract.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { type RealRedis, redisBinary, startRedis } from "../support/redis.ts";
import { clientOf } from "../support/redis-world.ts";

const ANN = { kind: "operator", id: "ann" } as const;
const ADA = sessionNamed("ada");

describe("rig tokens, on a Redis that the settings name", () => {
  let redis: RealRedis;
  let server: RedisClient;
  let folder: string;
  let database: FreshDatabase;
  let said = "";

  beforeAll(async () => {
    if (redisBinary() === null) return;
    redis = await startRedis();
    return () => redis.stop();
  });
  beforeEach(async (context) => {
    if (redisBinary() === null) return context.skip();
    server = clientOf(redis.url, "rig:v1:");
    folder = await mkdtemp(join(tmpdir(), "rig-viewers-"));
    database = await freshDatabase();
    said = "";
    vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
      said += String(chunk);
      return true;
    });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await Promise.all([server?.close(), database?.drop()]);
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Ends the only token of a session as an operator does, and tells its public id. */
  async function stopOne(env: Record<string, string>): Promise<string> {
    const { tokenHash } = await order();
    const { settings } = await loadSettings({ env: { REDIS_URL: redis.url, RIG_DATA: folder, ...env }, cwd: folder });
    const { viewers, close } = await openViewers({ settings });
    try {
      const publicId = tokenHash.slice(0, 16);
      expect(await viewers.end(ADA, publicId, { do: "stop" }, ANN)).toBe(true);
      const { tokens, ended } = await viewers.show({ name: "ada" });
      expect([tokens.length, ended.at(-1)]).toMatchObject([0, { tokenHash, cause: "stopped" }]);
      return publicId;
    } finally {
      await close();
    }
  }

  async function order() {
    const wanted = create();
    await redisViewerSessions(server).apply(ADA, wanted);
    return wanted;
  }

  it("leaves an audit entry where a database is set", async () => {
    const publicId = await stopOne({ DATABASE_URL: database.url });

    const rows = await database.database.query("select action, actor_id, subject from audit");
    expect(rows).toEqual([{ action: "token.stop", actor_id: "ann", subject: publicId }]);
    expect(said).not.toContain("audit trail");
  });

  it("needs no database, and says that there is no audit trail", async () => {
    const publicId = await stopOne({});

    expect(said).toContain(`warning: no database is set: token.stop of ${publicId} is in no audit trail\n`);
  });

  it("is that of the platform which runs here, where no setting names another place", async () => {
    await order();
    const { settings } = await loadSettings({ env: { REDIS_URL: redis.url }, cwd: folder });
    const etcd = { endpoints: ["http://127.0.0.1:2"] };
    await stateFile(folder).write({ etcd, redis: await redisAccess(settings) });
    const listed = async (env: Record<string, string>) => {
      const { settings } = await loadSettings({ env: { RIG_DATA: folder, ...env }, cwd: folder });
      const { viewers, close } = await openViewers({ settings });
      try {
        return (await viewers.show({ name: "ada" })).tokens.length;
      } finally {
        await close();
      }
    };

    expect(await listed({})).toBe(1);
    expect(await listed({ ETCD_ENDPOINTS: "127.0.0.1:2" })).toBe(1);
  });
});
