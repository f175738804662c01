import { beforeEach, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../src/domain/audit.ts";
import { RigError } from "../../src/domain/errors.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { UsageReport } from "../../src/domain/usage.ts";
import { NO_QUOTA } from "../../src/domain/user-quota.ts";
import { publishService } from "../../src/services/publish-service.ts";
import type { Publishes } from "../../src/services/publishes.ts";
import { AGENT, type FakePlatform, fakePlatform } from "./fake-platform.ts";

const SECRET = "very-secret-stream-key";
let platform: FakePlatform;
let publishes: Publishes;
let recorded: AuditEntry[];

beforeEach(() => {
  platform = fakePlatform();
  recorded = [];
  const { state } = platform;
  publishes = publishService({
    ...platform.ports,
    usage: {
      record: async (_agentId, reports, _now, entryFor) => {
        recorded.push(...reports.map(({ publishId, end }) => entryFor(publishId, end ? "ended" : "reopened")));
        return [];
      },
    },
  });
  state.users.push({ id: "u1", username: "alice", email: "a@b", disabledAt: null, quota: NO_QUOTA, createdAt: 0 });
  state.streams.push({ id: "s1", userId: "u1", title: "Show", createdAt: 0, revision: 3 });
  const key = { id: "k1", streamId: "s1", label: "default", createdAt: 0, expiresAt: null, revokedAt: null };
  state.keys.push({ ...key, hash: `hash of ${SECRET}` });
});

const attempt = (streamKey = SECRET) => ({
  ...{ streamKey: new Secret(streamKey), agentId: "edge-1", ingestInstance: "boot-1" },
  ...{ clientId: "7", clientAddress: "192.0.2.1" },
});

describe("publishService.authenticate", () => {
  it("accepts: a publish row, its targets, one audit entry", async () => {
    const grant = await publishes.authenticate(attempt(), AGENT);

    expect(grant).toEqual({
      ...{ publishId: "id-1", streamId: "s1", userId: "u1", revision: 3, targets: [] },
      ...{ creditUntilSeconds: null, creditSeq: 0 },
    });
    expect(platform.state.publishes).toMatchObject([{ id: "id-1", streamKeyId: "k1", agentId: "edge-1" }]);
    expect(platform.state.audit).toMatchObject([{ action: "publish.accept", subject: "id-1", actor: AGENT }]);
  });

  it.each<[string, string, (state: FakePlatform["state"], now: number) => void]>([
    ["an unknown stream key", "STREAM_KEY_UNKNOWN", (state) => state.keys.splice(0)],
    ["a revoked one", "STREAM_KEY_REVOKED", (state) => Object.assign(state.keys[0]!, { revokedAt: 1 })],
    ["one that expires now", "STREAM_KEY_EXPIRED", (state, now) => Object.assign(state.keys[0]!, { expiresAt: now })],
    ["a disabled user", "USER_DISABLED", (state) => Object.assign(state.users[0]!, { disabledAt: 1 })],
    [
      "a stream that is live",
      "STREAM_IN_USE",
      (state) => state.claims.push({ streamId: "s1", agentId: "edge-2", publishId: "p0", state: "live" }),
    ],
    [
      "everything while etcd is away",
      "ETCD_UNREACHABLE",
      (state) => {
        state.etcdIsAway = true;
      },
    ],
  ])("refuses %s with %s, one audit entry and no row", async (_, code, arrange) => {
    arrange(platform.state, platform.clock.now());

    await expect(publishes.authenticate(attempt(), AGENT)).rejects.toMatchObject({ code });

    expect(platform.state.publishes).toEqual([]);
    expect(platform.state.audit).toMatchObject([
      { action: "publish.refuse", detail: { code, clientAddress: "192.0.2.1" } },
    ]);
    expect(JSON.stringify(platform.state.audit)).not.toContain(SECRET);
  });

  it.each<[string, (state: FakePlatform["state"], now: number) => void]>([
    ["a key that expires in a millisecond", (state, now) => Object.assign(state.keys[0]!, { expiresAt: now + 1 })],
    [
      "a stream whose publisher is in grace",
      (state) => state.claims.push({ streamId: "s1", agentId: "edge-2", publishId: "p0", state: "grace" }),
    ],
  ])("accepts %s", async (_, arrange) => {
    arrange(platform.state, platform.clock.now());

    await expect(publishes.authenticate(attempt(), AGENT)).resolves.toMatchObject({ publishId: "id-1" });
  });

  it("says DATABASE_UNREACHABLE, and does not try to write a trail, with PostgreSQL away", async () => {
    const away = async () => {
      throw new RigError("DATABASE_UNREACHABLE", "away");
    };
    platform.ports.publishes.insert = away;
    platform.ports.publishes.recordRefusal = async () => expect.unreachable();

    await expect(publishes.authenticate(attempt(), AGENT)).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
  });
});

describe("publishService for a publish that an agent has", () => {
  it("gives its targets to that agent alone", async () => {
    const { publishId } = await publishes.authenticate(attempt(), AGENT);

    expect(await publishes.targets(publishId, "edge-1")).toEqual({ revision: 3, targets: [] });
    await expect(publishes.targets(publishId, "edge-2")).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(publishes.targets("none", "edge-1")).rejects.toMatchObject({ code: "PUBLISH_NOT_FOUND" });
  });

  it("gives no targets of a publish that has ended: its stream's keys are the next one's business", async () => {
    const { publishId } = await publishes.authenticate(attempt(), AGENT);
    await publishes.end(publishId, "edge-1", "unpublished", AGENT);

    await expect(publishes.targets(publishId, "edge-1")).rejects.toMatchObject({ code: "PUBLISH_NOT_FOUND" });
  });

  it("ends it once, by that agent alone", async () => {
    const { publishId } = await publishes.authenticate(attempt(), AGENT);

    await expect(publishes.end(publishId, "edge-2", "idle", AGENT)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await publishes.end(publishId, "edge-1", "claim lost", AGENT);
    await publishes.end(publishId, "edge-1", "idle", AGENT);

    expect(platform.state.publishes[0]?.end).toBe("claim lost");
    expect(platform.state.audit.map(({ action }) => action)).toEqual(["publish.accept", "publish.end"]);
  });

  it("names in the trail the agent that reported an end, and the reason", async () => {
    const report: UsageReport = {
      publishId: "p1",
      liveSeconds: 1,
      ingestBytes: 1,
      destinations: [],
      end: "unpublished",
    };

    await publishes.report("edge-1", [report, { ...report, publishId: "p2", end: null }]);

    const at = platform.clock.now();
    expect(recorded).toEqual([
      { at, actor: AGENT, action: "publish.end", subject: "p1", detail: { reason: "unpublished", agentId: "edge-1" } },
      { at, actor: AGENT, action: "publish.reopen", subject: "p2", detail: { reason: null, agentId: "edge-1" } },
    ]);
  });
});
