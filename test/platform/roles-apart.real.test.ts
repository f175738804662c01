import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { compareTracks } from "../../src/demo/compare-packets.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { startEncoder } from "../support/encoder.ts";
import { etcdBinary } from "../support/etcd.ts";
import { emptyDatabase } from "../support/fresh-database.ts";
import { lastPublish, openShow } from "../support/live-show.ts";
import type { LoneRole } from "../support/lone-role.ts";
import { type RolesApart, rolesApart } from "../support/roles-apart.ts";
import { until } from "../support/until.ts";

const STOP_MS = 30_000; // it takes one; a machine may be slow

describe.skipIf(etcdBinary() === null || inject("postgresUrl") === null)("server, worker and agent, each alone", () => {
  let apart: RolesApart;
  let roles: Record<"server" | "worker" | "agent", LoneRole>;

  beforeAll(async () => {
    const made = await rolesApart();
    if (!made) throw new Error("no etcd");
    apart = made;
    const started = await Promise.all([apart.start("server"), apart.start("worker"), apart.start("agent")]);
    const [server, worker, agent] = started;
    roles = { server, worker, agent };
  });
  afterAll(() => apart?.close());

  it("carry a publish to its destinations, every packet of it, and know the agent by its certificate", async () => {
    const show = await openShow(apart, { sinks: 3 });

    const encoder = await show.goLive();
    await until(() => encoder.sent.length > 150, { what: "150 packets are sent" });
    const isKnown = async () => (await apart.stream(show.stream.id)).publish?.agentId === "edge-1";
    await until(isKnown, { stepMs: 200, what: "it is shown as live at that agent" });
    await encoder.end();

    for (const { publishes } of show.sinks) {
      await until(() => lastPublish(publishes).length >= encoder.sent.length).catch(() => {}); // judged below
      expect(compareTracks(encoder.sent, lastPublish(publishes)).problem).toBeNull();
    }
    const ended = () =>
      apart.database.query<{ agentId: string; reason: string; bytes: number }>(
        `select agent_id as "agentId", end_reason as reason, ingest_bytes as bytes from publishes
          where stream_id = $1 and ended_at is not null`,
        [show.stream.id],
      );
    const run = await until(async () => (await ended())[0], { what: "the last usage report" });
    expect(run).toMatchObject({ agentId: "edge-1", reason: "unpublished" });
    expect(run.bytes).toBeGreaterThan(100_000);
    await show.close();
  });

  it.each(["server", "agent"] as const)("answers the health pages of a %s that lacks nothing", async (role) => {
    const [heartbeat, livez, readyz] = await Promise.all([
      apart.health(role, "heartbeat"),
      apart.health(role, "livez"),
      apart.health(role, "readyz"),
    ]);

    expect(Math.abs((heartbeat.body.timestamp ?? 0) - systemClock.now())).toBeLessThan(10_000);
    expect([livez.status, livez.body.live]).toEqual([200, true]);
    expect([readyz.status, readyz.body.ready]).toEqual([200, true]);
  });

  it("refuses an agent of another CA before it hears a stream key", async () => {
    const show = await openShow(apart, { sinks: 1 });
    const settings = await apart.settingsOf("agent", { name: "edge-2", ca: "foreign-pki" });
    const stranger = apart.launch("agent", { ...settings, AGENT_PORT: "0", INGEST_PORT: "0" });
    const { publishUrl } = await stranger.logged<{ publishUrl: string }>("agent serves");

    await expect(startEncoder({ publishUrl, streamKey: show.stream.streamKey })).rejects.toMatchObject({
      code: "REFUSED",
      message: expect.stringContaining("SERVER_UNREACHABLE"),
    });

    const entries = await apart.database.query("select 1 from audit where body like '%edge-2%'");
    expect(entries).toEqual([]);
    expect(await stranger.stop()).toBe(0);
    await show.close();
  });

  it.concurrent.each([
    { role: "server", without: "DATABASE_URL", exitCode: 6 },
    { role: "server", without: "RIG_TOKEN_FILE", exitCode: 2 },
    { role: "server", without: "SEAL_KEYS_FILE", exitCode: 2 },
    { role: "server", without: "TLS_CERT", exitCode: 2 },
    { role: "worker", without: "DATABASE_URL", exitCode: 6 },
    { role: "agent", without: "ETCD_ENDPOINTS", exitCode: 6 },
    { role: "agent", without: "SERVER_URL", exitCode: 2 },
    { role: "agent", without: "TLS_KEY", exitCode: 2 },
  ] as const)(
    "refuses to start a $role without $without, in two lines that name it",
    async ({ role, without, exitCode }) => {
      const settings = await apart.settingsOf(role);
      const { [without]: _, ...others } = settings;

      const started = apart.launch(role, others);

      expect(await started.ended).toBe(exitCode);
      expect(words(started)).toHaveLength(2);
      expect(words(started).join()).toContain(without);
    },
  );

  it.concurrent("refuses to start an agent with a certificate of another CA", async () => {
    const foreign = await apart.settingsOf("agent", { ca: "foreign-pki" });
    const { TLS_CA = "" } = await apart.settingsOf("agent");

    const started = apart.launch("agent", { ...foreign, TLS_CA });

    expect(await started.ended).toBe(2);
    expect(words(started)[0]).toContain("the agent's certificate cannot be used: it was issued by another CA");
  });

  it.concurrent("says to migrate first where the database has no tables", async () => {
    const empty = await emptyDatabase();

    const started = apart.launch("worker", { ...(await apart.settingsOf("worker")), DATABASE_URL: empty.url });

    expect(await started.ended).toBe(1);
    expect(words(started).join("\n")).toMatch(/^rig: the database has 0 of \d+ migrations\nRun `rig migrate`.$/);
    await empty.drop();
  });

  it("stops each in order while a stream is live, and flushes the tail", async () => {
    const show = await openShow(apart, { sinks: 1 });
    const encoder = await show.goLive();
    await until(() => encoder.sent.length > 50, { what: "50 packets are sent" });

    const stopped = await stopTimed(roles.agent);
    await encoder.ended;
    const others = [await stopTimed(roles.worker), await stopTimed(roles.server)];

    for (const { code, tookMs } of [stopped, ...others]) {
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(STOP_MS);
    }
    expect(partsStopped(roles.agent)).toEqual(["agent", "etcd lease"]);
    expect(partsStopped(roles.worker)).toEqual(["worker", "etcd lease", "database connections"]);
    expect(partsStopped(roles.server)).toEqual(["server", "etcd", "database connections"]);
    const [sink] = show.sinks;
    const received = lastPublish(sink?.publishes ?? []);
    expect(compareTracks(encoder.sent.slice(0, received.length), received).problem).toBeNull();
    const [run] = await apart.database.query<{ ended: boolean }>(
      "select ended_at is not null as ended from publishes where stream_id = $1",
      [show.stream.id],
    );
    expect(run?.ended).toBe(true);
    await show.close();
  });
});

/** What it said to a person: all that is no log line. */
const words = (role: LoneRole): string[] =>
  role
    .output()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("{"));

async function stopTimed(role: LoneRole): Promise<{ code: number | null; tookMs: number }> {
  const askedAt = systemClock.monotonic();
  const code = await role.stop();
  return { code, tookMs: systemClock.monotonic() - askedAt };
}

const partsStopped = (role: LoneRole): string[] =>
  role
    .output()
    .split("\n")
    .filter((line) => line.includes('"msg":"stopped"'))
    .map((line) => (JSON.parse(line) as { part: string }).part);
