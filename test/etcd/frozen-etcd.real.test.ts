import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Etcd, etcdClient } from "../../src/etcd/client.ts";
import { etcdPublishClaims } from "../../src/etcd/publish-claims.ts";
import { type RealEtcd, startEtcd } from "../support/etcd.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { etcdWorld } from "../support/etcd-world.ts";
import { until } from "../support/until.ts";

const world = etcdWorld();
const claim = { streamId: "stream-1", agentId: "edge-1", publishId: "p1", state: "live" } as const;

describe("an etcd that is frozen", () => {
  let server: RealEtcd | null;
  let etcd: Etcd;

  beforeAll(async () => {
    server = await startEtcd();
  });
  afterAll(async () => {
    server?.thaw();
    await server?.stop();
  });
  beforeEach((context) => {
    if (!server) return context.skip();
    etcd = world.client(etcdClient({ endpoints: [server.endpoint], prefix: etcdPrefix() }));
  });

  it("fails every call with a clear error within its deadline, and works again when it wakes", async () => {
    const lease = await world.lease(etcd);
    const claims = etcdPublishClaims(etcd, lease);
    await claims.claim({ ...claim, streamId: "before" });

    await server?.freeze();
    const askedAt = performance.now();
    const answers = await Promise.all([
      claims.claim(claim).catch((error) => error.code),
      claims.find("before").catch((error) => error.code),
      claims.list().catch((error) => error.code),
    ]);
    const tookMs = performance.now() - askedAt;
    server?.thaw();

    expect(answers).toEqual(["ETCD_AMBIGUOUS", "ETCD_UNREACHABLE", "ETCD_UNREACHABLE"]);
    expect(tookMs).toBeLessThan(12_000); // 2.5 s and less; a busy machine is late
    expect(await until(() => claims.claim(claim).catch(() => null))).toEqual({ claimed: true });
    expect(await claims.find("before")).toMatchObject({ publishId: "p1" });
  });

  it("answers 200 claims of a freeze each with what is true", async () => {
    const lease = await world.lease(etcd);
    const claims = etcdPublishClaims(etcd, lease);
    let claimed = 0;
    /** The publish id of a claim that was granted; null of one that was not. */
    const claimNext = async () => {
      const publishId = `p${++claimed}`;
      const answer = await claims.claim({ ...claim, streamId: `stream of ${publishId}`, publishId }).catch(() => null);
      return answer?.claimed ? publishId : null;
    };
    await claimNext();

    const freezeUnderClaims = async () => {
      const asked = Array.from({ length: 200 }, claimNext);
      await server?.freeze();
      await new Promise<void>((wake) => setTimeout(wake, 1_300)); // longer than an outer's deadline: the world, not a clock of ours
      server?.thaw();
      const granted = (await Promise.all(asked)).flatMap((publishId) => publishId ?? []);
      const held = new Set((await claims.list()).map((each) => each.publishId));
      expect(granted.filter((publishId) => !held.has(publishId))).toEqual([]);
      return granted.length > 0; // none is where a busy machine wakes up behind the callers' deadline
    };

    expect(await until(freezeUnderClaims)).toBe(true);
  });

  it("keeps no stream for a claim that was refused and landed after all", async () => {
    const lease = await world.lease(etcd);
    const claims = etcdPublishClaims(etcd, lease);
    const claimOf = (n: number) => ({ ...claim, streamId: `stream-${n}`, publishId: `p${n}` });
    await claims.claim(claimOf(0));
    await claims.claim(claimOf(1));

    await server?.freeze();
    const refused = Promise.all(
      Array.from({ length: 20 }, (_, n) => claims.claim(claimOf(n + 2)).catch((e) => e.code)),
    );
    const unreleased = claims.release("stream-1", "p1").catch((error) => error.code);
    expect(new Set(await refused)).toEqual(new Set(["ETCD_AMBIGUOUS"]));
    expect(await unreleased).toBe("ETCD_UNREACHABLE");
    server?.thaw();

    const left = () =>
      claims.list().then(
        (held) => held.map((each) => each.publishId),
        () => null,
      );
    const rest = await until(async () => {
      const held = await left();
      return held?.length === 1 ? held : null;
    });
    expect(rest).toEqual(["p0"]);
  });
});
