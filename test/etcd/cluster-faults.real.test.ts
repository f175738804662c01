import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Etcd, etcdClient } from "../../src/etcd/client.ts";
import type { ProcessLease } from "../../src/etcd/process-lease.ts";
import { seeded } from "../embedded/etcd/fuzz.ts";
import { type EtcdCluster, startEtcdCluster } from "../support/etcd.ts";
import type { EtcdMember } from "../support/etcd-member.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { etcdWorld } from "../support/etcd-world.ts";
import { fullCount } from "../support/full-count.ts";
import { type Happening, historyOf, type SteadyLoad, steadyLoad } from "../support/steady-load.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const world = etcdWorld();
const SEED = Number(process.env.RIG_FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = fullCount(1, 20, "RIG_FAULTS");
const OUTAGE_MS = fullCount(4_000, 30_000, "RIG_OUTAGE_MS");
const DEADLINE_MS = 2_500;
const SLACK_MS = 7_500; // a deadline is noticed 50 ms late, and a busy machine later
const RECOVERY_MS = 30_000;
const LIMIT_MS = ROUNDS * (120_000 + OUTAGE_MS);
const QUOTA_BYTES = 16 * 1024 * 1024;
const FILL = Buffer.alloc(1024 * 1024, "x").toString("base64");

const sleep = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms));

describe(`three members of etcd under steady writes, RIG_FAULT_SEED=${SEED}`, () => {
  const dice = seeded(SEED);
  let cluster: EtcdCluster | null;
  let etcd: Etcd;
  let lease: ProcessLease;
  let folder: string;
  let load: SteadyLoad;
  /** The part of the history that a round itself compacted away. */
  let compacted: Happening[];
  /** The first revision of the round. */
  let from: number;

  beforeAll(async () => {
    cluster = await startEtcdCluster(3, [`--quota-backend-bytes=${QUOTA_BYTES}`]);
  });
  afterAll(async () => {
    await cluster?.stop();
  });
  beforeEach((context) => {
    if (!cluster) context.skip();
  });

  const newClient = (endpoints = cluster!.endpoints) => world.client(etcdClient({ endpoints, prefix: folder }));

  async function begin(watching?: readonly string[]): Promise<void> {
    folder = etcdPrefix();
    compacted = [];
    etcd = newClient();
    from = (await etcd.list(folder)).revision + 1;
    lease = await world.lease(etcd);
    load = await steadyLoad(etcd, watching ? newClient(watching) : etcd, `${folder}load/`);
    await until(() => load.told.length > 100);
  }

  /** Waits until all is well again, and compares what callers were told with what the cluster has. */
  async function end({ codes = ["ETCD_AMBIGUOUS", "ETCD_UNREACHABLE"] } = {}): Promise<Happening[]> {
    const healedAt = load.told.length;
    const isWell = () =>
      lease.isSure() && load.told.slice(healedAt).filter(({ answer }) => answer === true).length > 20;
    await until(isWell, { limitMs: RECOVERY_MS });
    await load.stop();
    const rest = await historyOf(newClient(), `${folder}load/`, (compacted.at(-1)?.revision ?? from - 1) + 1);
    const history = [...compacted, ...rest];
    await lease.close();

    const happened = history.map(({ key, value }) => `${key}=${value}`);
    const told = (wanted: (answer: boolean | string) => boolean) =>
      load.told.filter(({ answer }) => wanted(answer)).map(({ value }) => value);
    expect(new Set(happened).size, "applied once each").toBe(happened.length);
    expect(
      without(
        told((answer) => answer === true),
        happened,
      ),
      "acknowledged, and lost",
    ).toEqual([]);
    const refused = new Set(told((answer) => answer !== true && answer !== "ETCD_AMBIGUOUS"));
    expect(
      happened.filter((each) => refused.has(each)),
      "refused, and applied",
    ).toEqual([]);
    expect(
      load.told.filter(({ tookMs }) => tookMs > DEADLINE_MS + SLACK_MS),
      "past their deadline",
    ).toEqual([]);
    expect(without([...new Set(load.told.map(({ answer }) => answer))], [true, false, ...codes])).toEqual([]);
    return history;
  }

  /** Compacts away what has happened up to now, and keeps it for the comparison. */
  async function compact(): Promise<number> {
    compacted = await historyOf(newClient(), `${folder}load/`, from);
    const revision = lastRevision(compacted);
    await cluster!.members[0]?.ask("kv/compaction", { revision: String(revision), physical: true });
    return revision;
  }

  /** Each member has raised its own alarm. */
  async function disarm(): Promise<void> {
    const member = cluster!.members[0] as EtcdMember;
    const { alarms } = (await member.ask("maintenance/alarm", { action: "GET" })) as { alarms: object[] };
    for (const alarm of alarms) await member.ask("maintenance/alarm", { action: "DEACTIVATE", ...alarm });
  }

  it("loses no write and no event when the leader is killed and started again", { timeout: LIMIT_MS }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await begin();
      const leader = await until(() => cluster!.leader());

      await leader.kill();
      await sleep(500 + dice.below(2_000));
      leader.start();
      await leader.healthy();

      expect(load.informed).toEqual(await end());
    }
  });

  it("loses no write and no event when the leader is paused", { timeout: LIMIT_MS }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await begin();
      const leader = await until(() => cluster!.leader());

      await leader.freeze();
      await sleep(500 + dice.below(4_000));
      leader.thaw();

      expect(load.informed).toEqual(await end());
    }
  });

  it(`fails clearly while two are down for ${OUTAGE_MS} ms, and loses nothing`, { timeout: LIMIT_MS }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await begin();
      const survivor = dice.below(3);
      const down = cluster!.members.filter((_, n) => n !== survivor);

      let silenced = false; // a watch on a member that is cut off would tell nothing and not say so
      const onEnd = () => {
        silenced = true;
      };
      await newClient([cluster!.endpoints[survivor] as string]).watch({
        ...{ prefix: folder, fromRevision: from, onEvents: () => {}, onEnd },
      });

      await Promise.all(down.map((member) => member.kill()));
      for (let n = 0; n < 10; n++) await sleep(50); // answers that were on their way; many turns, for one may be late
      const downAt = load.told.length;
      await sleep(OUTAGE_MS); // 4 s or more: a deadline, and a read's
      const meanwhile = load.told.slice(downAt);
      await until(() => silenced, { limitMs: RECOVERY_MS });
      for (const member of down) member.start();
      await Promise.all(down.map((member) => member.healthy()));

      expect(meanwhile.length).toBeGreaterThan(0);
      expect(meanwhile.filter(({ answer }) => typeof answer === "boolean")).toEqual([]);
      expect(load.informed).toEqual(await end());
    }
  });

  it("tells a paused watcher whose place was compacted away what is, nothing twice", {
    timeout: LIMIT_MS,
  }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const proxy: TcpProxy = await tcpProxy(cluster!.endpoints[dice.below(3)] as string);
      await begin([proxy.endpoint]);

      proxy.freeze();
      const frozenAt = load.told.length;
      await until(() => load.told.length > frozenAt + 200);
      const place = lastRevision(load.informed);
      const compactedAt = await compact();
      await until(() => load.told.length > frozenAt + 300);
      proxy.cut(); // what was under way to the watcher never comes
      proxy.mend();

      const history = await end();
      expect(place).toBeLessThan(compactedAt);
      expect(new Set(load.informed.map(asText)).size, "told once each").toBe(load.informed.length);
      expect(isInOrder(load.informed), "in order").toBe(true);
      const listedAt = history.find(({ revision }) => sameAsListed(load.informed, history, place, revision));
      expect(listedAt, "all but what only a list between two watches leaves out").toBeDefined();
      expect(listedAt?.revision).toBeGreaterThanOrEqual(compactedAt);
      await proxy.close();
    }
  });

  it("refuses clearly while there is no space, and goes on when there is", { timeout: LIMIT_MS }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await begin();
      const [member] = cluster!.members;

      for (let n = 0; n < 32; n++)
        if (!(await member?.ask("kv/put", { key: "ZmlsbA==", value: FILL }).catch(() => null))) break;
      const isRefused = ({ answer }: { answer: unknown }) => answer === "OVERLOADED";
      await until(() => load.told.slice(-20).every(isRefused), { what: "together, too, nothing is written" });
      await compact();
      for (const each of cluster!.members) await until(() => isSmallAfterDefragment(each));
      await disarm();

      expect(load.informed).toEqual(await end({ codes: ["OVERLOADED", "ETCD_AMBIGUOUS", "ETCD_UNREACHABLE"] }));
    }
  });
});

/** Members work a compaction off each in its own time. */
async function isSmallAfterDefragment(member: EtcdMember): Promise<boolean> {
  await member.ask("maintenance/defragment");
  return Number((await member.ask("maintenance/status")).dbSize) < QUOTA_BYTES / 4;
}

const asText = ({ key, value, revision }: Happening): string => `${key}=${value} at ${revision}`;
const lastRevision = (all: readonly Happening[]): number => all.at(-1)?.revision ?? 0;

/** True where all was told, but of what came behind `place` up to `listedAt` only the last of each key. */
function sameAsListed(told: readonly Happening[], history: readonly Happening[], place: number, listedAt: number) {
  const last = new Map(history.filter((each) => each.revision <= listedAt).map((each) => [each.key, each.revision]));
  const expected = history.filter(
    ({ key, revision }) => revision <= place || revision > listedAt || last.get(key) === revision,
  );
  const texts = new Set(told.map(asText));
  return expected.length === told.length && expected.every((each) => texts.has(asText(each)));
}

/** Each key's revisions go up. */
function isInOrder(all: readonly Happening[]): boolean {
  const last = new Map<string, number>();
  return all.every(({ key, revision }) => {
    const isLater = revision > (last.get(key) ?? 0);
    last.set(key, revision);
    return isLater;
  });
}

function without<T>(some: readonly T[], others: readonly T[]): T[] {
  const all = new Set(others);
  return some.filter((each) => !all.has(each));
}
