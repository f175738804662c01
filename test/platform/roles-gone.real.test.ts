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
const DECISION_MS = 20_000; // an encoder waits 8 s; a machine may be slow
const GAP_MS = 6_000; // who is held up by a neighbour's absence is held up for longer
const ORPHANED_MS = 90_000; // 30 s of silence, and what electing another worker takes
const UNREPORTED_SECONDS = 7; // a report comes every 5 s, and may be late on a busy machine

/** How often this worker was elected. */
const termsOf = (worker: LoneRole): number => worker.output().split("leads the platform's duties").length - 1;

const isInstalled = etcdBinary() !== null && inject("postgresUrl") !== null;

/** Roles, each alone, and two streams that are not live yet, for the tests of one `describe`. */
function useRoles() {
  let apart: RolesApart;
  let roles: Record<"server" | "worker" | "agent", LoneRole>;
  let show: Show;
  let other: Show;
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
    [show, other] = await Promise.all([openShow(apart, { sinks: 2 }), openShow(apart, { sinks: 1 })]);
  });
  afterAll(async () => {
    await Promise.all([show?.close(), other?.close(), etcd?.close()]);
    await apart?.close();
  });

  return {
    at: () => ({ apart, roles, show, other }),
    claimOf: ({ stream }: Show) => etcd.get(etcd.keys.publish(stream.id)),
    usedSeconds: async ({ username }: Show) =>
      (await apart.json<UserUsage[]>(["quota", "show", username]))[0]?.liveSeconds ?? 0,
    async publishesAgain(): Promise<void> {
      const again = await until(() => other.goLive().catch(() => null), { limitMs: 60_000, stepMs: 500 });
      await again.end();
    },
  };
}

describe.skipIf(!isInstalled).concurrent("while a stream is live", () => {
  const { at, claimOf, usedSeconds, publishesAgain } = useRoles();
  let encoder: Encoder;
  beforeAll(async () => {
    encoder = await at().show.goLive();
  });
  afterAll(() => encoder?.vanish());

  /** The other stream cannot go live: refused in time, by a reason that an encoder may try again after. */
  async function refusedAsRetryable(...codes: string[]): Promise<void> {
    const { apart, other } = at();
    const askedAt = systemClock.monotonic();
    const refused = await startEncoder({ publishUrl: apart.status.ingest.url, streamKey: other.stream.streamKey }).then(
      () => null,
      (error: Error) => error.message,
    );

    expect(
      codes.some((code) => refused?.includes(code)),
      `${refused}`,
    ).toBe(true);
    expect(systemClock.monotonic() - askedAt).toBeLessThan(DECISION_MS);
  }

  /** Not a frame is missing and none is late, by the one connection of before. */
  function isUntouched(): void {
    expect(encoder.isLive()).toBe(true);
    for (const { publishes } of at().show.sinks) {
      expect(publishes).toHaveLength(1);
      expect(largestGapMs(lastPublish(publishes))).toBeLessThan(GAP_MS);
      expect(isRunOf(lastPublish(publishes), encoder.sent)).toBe(true);
    }
  }

  const unready = async (role: "server" | "agent") => missing(await at().apart.health(role, "readyz"));
  const isReady = async (role: "server" | "agent") => (await at().apart.health(role, "readyz")).status === 200;

  it.sequential("goes on without the server, refuses others in time, and counts what it missed once it is back", async () => {
    const { apart, roles, show } = at();
    roles.server.child.kill("SIGKILL");
    await roles.server.ended;
    const killedAt = systemClock.monotonic();

    await refusedAsRetryable("SERVER_UNREACHABLE");
    await until(() => systemClock.monotonic() - killedAt > 7_000, { what: "a report fails" });
    const before = await usedSeconds(show);
    roles.server = await apart.start("server");

    const wanted = (systemClock.monotonic() - encoder.startedAt) / 1000 - 1;
    await until(async () => (await usedSeconds(show)) >= wanted, { stepMs: 500, what: "usage arrives" });
    expect(wanted - before).toBeGreaterThan(5);
    await publishesAgain();
    isUntouched();
  });

  it.sequential("goes on without PostgreSQL, be it gone or hung, and refuses others in time", async () => {
    const { apart } = at();
    apart.postgres.cut();
    expect(await unready("server")).toEqual(["postgresql"]);
    expect(await isReady("agent")).toBe(true);
    await refusedAsRetryable("DATABASE_UNREACHABLE");

    apart.postgres.mend();
    await until(() => isReady("server"), { what: "the server is ready" });
    apart.postgres.freeze();
    expect(await unready("server")).toEqual(["postgresql"]);
    await refusedAsRetryable("OVERLOADED", "DATABASE_UNREACHABLE"); // whose deadline is over first

    apart.postgres.mend();
    await until(() => isReady("server"), { what: "the server is ready again" });
    await publishesAgain();
    isUntouched();
  });

  it.sequential("outlives its lease where etcd is frozen, and has its claim again afterwards", async () => {
    const { apart, roles, show } = at();
    const claimed = await claimOf(show);
    const termsBefore = termsOf(roles.worker);
    await apart.etcd.freeze();
    const frozenAt = systemClock.monotonic();
    try {
      expect(await Promise.all([unready("server"), unready("agent")])).toEqual([["etcd"], ["etcd"]]);
      await refusedAsRetryable("ETCD_UNREACHABLE");
      await until(() => systemClock.monotonic() - frozenAt > FROZEN_MS);
      await refusedAsRetryable("ETCD_UNREACHABLE");
    } finally {
      apart.etcd.thaw();
    }

    await until(async () => (await isReady("server")) && (await isReady("agent")));
    await publishesAgain();
    await until(() => termsOf(roles.worker) > termsBefore, { what: "the worker leads again" });
    const claim = await until(() => claimOf(show), { what: "the claim is put back" });
    expect(claim.value).toEqual(claimed?.value);
    await until(async () => (await apart.stream(show.stream.id)).live, { stepMs: 200, what: "it is shown as live" });
    isUntouched();
  });

  it.sequential("has arrived whole in the end", async () => {
    await encoder.end();

    for (const { publishes } of at().show.sinks) {
      await until(() => lastPublish(publishes).length >= encoder.sent.length).catch(() => {}); // judged below
      expect(compareTracks(encoder.sent, lastPublish(publishes)).problem).toBeNull();
    }
  });
});

describe.skipIf(!isInstalled).concurrent("a stream whose agent is killed", () => {
  const { at, claimOf, usedSeconds, publishesAgain } = useRoles();

  it.sequential("is closed as orphaned by another worker where its agent and the first worker are killed", async () => {
    const { apart, roles, other } = at();
    const second = await apart.start("worker");
    expect(termsOf(second)).toBe(0);
    const usedBefore = await usedSeconds(other);
    const lost = await other.goLive();
    await until(() => systemClock.monotonic() - lost.startedAt > 7_000, { what: "live for 7 s" });

    roles.worker.child.kill("SIGKILL");
    roles.agent.child.kill("SIGKILL");
    const seconds = (systemClock.monotonic() - lost.startedAt) / 1000;
    await lost.ended;
    await until(async () => (await claimOf(other)) === null, { stepMs: 100, what: "the claim goes with its lease" });
    await apart.start("agent");
    await publishesAgain();

    const orphaned = () =>
      apart.database.query<{ ms: number }>(
        "select live_ms as ms from publishes where stream_id = $1 and end_reason = 'orphaned'",
        [other.stream.id],
      );
    const run = await until(async () => (await orphaned())[0], { limitMs: ORPHANED_MS, stepMs: 500 });
    expect(termsOf(second)).toBe(1);
    expect(run.ms / 1000).toBeGreaterThan(seconds - UNREPORTED_SECONDS);
    expect(run.ms / 1000).toBeLessThan(seconds + 2);
    expect((await usedSeconds(other)) - usedBefore).toBeGreaterThanOrEqual(run.ms / 1000);
  }, 300_000);
});
