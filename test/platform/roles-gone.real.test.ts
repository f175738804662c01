import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { compareTracks, isRunOf } from "../../src/demo/compare-packets.ts";
import { largestGapMs } from "../../src/demo/received.ts";
import type { UserUsage } from "../../src/domain/usage.ts";
import { type Etcd, etcdClient } from "../../src/etcd/client.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { missing } from "../support/ask-health.ts";
import { type Encoder, startEncoder } from "../support/encoder.ts";
import { etcdBinary } from "../support/etcd.ts";
import { lastPublish, openShow, type Show } from "../support/live-show.ts";
import type { LoneRole } from "../support/lone-role.ts";
import { type RolesApart, rolesApart } from "../support/roles-apart.ts";
import { until } from "../support/until.ts";

const FROZEN_MS = 12_000; // over the 8 s of a lease
const DECISION_MS = 8_000; // an encoder waits no longer
const GAP_MS = 2_500; // tests share their machine
const ORPHANED_MS = 60_000; // 30 s of silence, and what electing another worker takes

/** How often this worker was elected. */
const termsOf = (worker: LoneRole): number => worker.output().split("leads the platform's duties").length - 1;

describe.skipIf(etcdBinary() === null || inject("postgresUrl") === null)("while a stream is live", () => {
  let apart: RolesApart;
  let roles: Record<"server" | "worker" | "agent", LoneRole>;
  let show: Show;
  let other: Show;
  let encoder: Encoder;
  let etcd: Etcd;

  beforeAll(async () => {
    const made = await rolesApart();
    if (!made) throw new Error("no etcd");
    apart = made;
    etcd = etcdClient({ endpoints: [apart.etcd.endpoint] });
    const [server, worker, agent] = await Promise.all([
      apart.start("server"),
      apart.start("worker"),
      apart.start("agent"),
    ]);
    roles = { server, worker, agent };
    [show, other] = [await openShow(apart, { sinks: 2 }), await openShow(apart, { sinks: 1 })];
    encoder = await show.goLive();
  });
  afterAll(async () => {
    await encoder?.vanish();
    await Promise.all([show?.close(), other?.close(), etcd?.close()]);
    await apart?.close();
  });

  const usedSeconds = async ({ username }: Show = show) =>
    (await apart.json<UserUsage[]>(["quota", "show", username]))[0]?.liveSeconds ?? 0;

  /** The other stream cannot go live: refused in time, by a reason that an encoder may try again after. */
  async function refusedAsRetryable(code: string): Promise<void> {
    const askedAt = systemClock.monotonic();
    const refused = await startEncoder({ publishUrl: apart.status.ingest.url, streamKey: other.stream.streamKey }).then(
      () => null,
      (error: Error) => error.message,
    );

    expect(refused).toContain(code);
    expect(systemClock.monotonic() - askedAt).toBeLessThan(DECISION_MS);
  }

  async function publishesAgain(): Promise<void> {
    const again = await until(() => other.goLive().catch(() => null), { stepMs: 500 });
    await again.end();
  }

  /** Not a frame is missing and none is late, by the one connection of before. */
  function isUntouched(): void {
    expect(encoder.isLive()).toBe(true);
    for (const { publishes } of show.sinks) {
      expect(publishes).toHaveLength(1);
      expect(largestGapMs(lastPublish(publishes))).toBeLessThan(GAP_MS);
      expect(isRunOf(lastPublish(publishes), encoder.sent)).toBe(true);
    }
  }

  const claimOf = async ({ stream }: Show) => etcd.get(etcd.keys.publish(stream.id));
  const unready = async (role: "server" | "agent") => missing(await apart.health(role, "readyz"));
  const isReady = async (role: "server" | "agent") => (await apart.health(role, "readyz")).status === 200;

  it("goes on without the server, refuses others in time, and counts what it missed once it is back", async () => {
    roles.server.child.kill("SIGKILL");
    await roles.server.ended;
    const killedAt = systemClock.monotonic();

    await refusedAsRetryable("SERVER_UNREACHABLE");
    await until(() => systemClock.monotonic() - killedAt > 7_000, { what: "a report fails" });
    const before = await usedSeconds();
    roles = { ...roles, server: await apart.start("server") };

    const wanted = (systemClock.monotonic() - encoder.startedAt) / 1000 - 1;
    await until(async () => (await usedSeconds()) >= wanted, { stepMs: 500, what: "usage arrives" });
    expect(wanted - before).toBeGreaterThan(5);
    await publishesAgain();
    isUntouched();
  });

  it("goes on without PostgreSQL, be it gone or hung, and refuses others in time", async () => {
    apart.postgres.cut();
    expect(await unready("server")).toEqual(["postgresql"]);
    expect(await isReady("agent")).toBe(true);
    await refusedAsRetryable("DATABASE_UNREACHABLE");

    apart.postgres.mend();
    await until(() => isReady("server"), { what: "the server is ready" });
    apart.postgres.freeze();
    expect(await unready("server")).toEqual(["postgresql"]);
    await refusedAsRetryable("OVERLOADED");

    apart.postgres.mend();
    await until(() => isReady("server"), { what: "the server is ready again" });
    await publishesAgain();
    isUntouched();
  });

  it("outlives its lease where etcd is frozen, and has its claim again afterwards", async () => {
    const claimed = await claimOf(show);
    const termsBefore = termsOf(roles.worker);
    await apart.etcd.freeze();
    const frozenAt = systemClock.monotonic();
    try {
      expect(await Promise.all([unready("server"), unready("agent")])).toEqual([["etcd"], ["etcd"]]);
      await refusedAsRetryable("ETCD_UNREACHABLE");
      await until(() => systemClock.monotonic() - frozenAt > FROZEN_MS, { limitMs: FROZEN_MS + 1_000 });
      await refusedAsRetryable("ETCD_UNREACHABLE");
    } finally {
      apart.etcd.thaw();
    }

    await until(async () => (await isReady("server")) && (await isReady("agent")));
    await publishesAgain();
    await until(() => termsOf(roles.worker) > termsBefore, { what: "the worker leads again" });
    expect((await claimOf(show))?.value).toEqual(claimed?.value);
    expect((await apart.stream(show.stream.id)).live).toBe(true);
    isUntouched();
  });

  it("has arrived whole in the end", async () => {
    await encoder.end();

    for (const { publishes } of show.sinks) {
      await until(() => lastPublish(publishes).length >= encoder.sent.length).catch(() => {}); // judged below
      expect(compareTracks(encoder.sent, lastPublish(publishes)).problem).toBeNull();
    }
  });

  it("is closed as orphaned by another worker where its agent and the first worker are killed", async () => {
    const second = await apart.start("worker");
    expect(termsOf(second)).toBe(0);
    const usedBefore = await usedSeconds(other);
    const lost = await other.goLive();
    await until(() => systemClock.monotonic() - lost.startedAt > 7_000, { what: "live for 7 s" });

    roles.worker.child.kill("SIGKILL");
    roles.agent.child.kill("SIGKILL");
    const seconds = (systemClock.monotonic() - lost.startedAt) / 1000;
    await lost.ended;
    await until(async () => (await claimOf(other)) === null, {
      limitMs: 20_000,
      what: "the claim goes with its lease",
    });
    await apart.start("agent");
    await publishesAgain();

    const orphaned = () =>
      apart.database.query<{ ms: number }>(
        "select live_ms as ms from publishes where stream_id = $1 and end_reason = 'orphaned'",
        [other.stream.id],
      );
    const run = await until(async () => (await orphaned())[0], { limitMs: ORPHANED_MS, stepMs: 500 });
    expect(termsOf(second)).toBe(1);
    expect(run.ms / 1000).toBeGreaterThan(seconds - 6);
    expect(run.ms / 1000).toBeLessThan(seconds + 1);
    expect((await usedSeconds(other)) - usedBefore).toBeGreaterThanOrEqual(run.ms / 1000);
  });
});
