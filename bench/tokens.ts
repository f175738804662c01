import { createHash, randomUUID } from "node:crypto";
import { ERRORS, isRigError } from "../src/domain/errors.ts";
import type { ViewerRules } from "../src/domain/viewer-operation.ts";
import { NO_DETAILS } from "../src/domain/viewer-session.ts";
import { etcdClient } from "../src/etcd/client.ts";
import { connect } from "../src/etcd/connection.ts";
import { etcdViewerSessions } from "../src/etcd/viewer-sessions.ts";
import { systemClock } from "../src/runtime/clock.ts";
import { viewerSessionName, viewerTokenHash } from "../src/services/viewer-names.ts";
import type { ViewerSessionName, ViewerSessionStore } from "../src/services/viewer-session-store.ts";
import { atLeast, atMost, type Benchmark, type BenchRow, median, noted, within } from "./benchmark.ts";
import { plainViewers } from "./support/plain-viewers.ts";
import { cpuMs } from "./support/process-cost.ts";
import { withPrograms } from "./support/program.ts";
import { type EtcdServer, startEtcd } from "./support/servers.ts";

const ROUNDS = 3;
const IN_FLIGHT = 64;
const OPERATIONS = 10_000;
const PLAIN_OPERATIONS = 2_000; // ten times slower
const SESSIONS = 1_000;
const CONTENDED = 1_280;
const FEW_SESSIONS = 20;
const ROOM = 500; // all of them find a place: what is refused is no change
const LIVE_TOKENS = Number(process.env.BENCH_LIVE_TOKENS ?? 1_000_000);
const PREFIX = "/bench/tokens/";
const RULES: ViewerRules = { limit: 3, expiryMs: 3_600_000, perDevice: null, perContent: null, policy: "reject" };

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const named = (name: string) => viewerSessionName(name, sha256);
const pick = <T>(of: readonly T[]): T => of[Math.floor(Math.random() * of.length)] as T;

/** Viewer tokens in etcd against the plain way, with the same server, turn by turn. */
export const tokens: Benchmark = async (signal) =>
  withPrograms(async (keep) => {
    const server = keep(await startEtcd(signal));
    const clients = [0, 1].map(() => etcdClient({ endpoints: [server.url], prefix: PREFIX }));
    const bare = connect({ endpoints: [server.url] });
    try {
      const stores = clients.map((client) => etcdViewerSessions(client));
      const world: World = { server, plain: plainViewers(bare, PREFIX), stores, signal };
      return [...(await measureSpeed(world)), ...(await measureServers(world)), ...(await measureMany(signal))];
    } finally {
      bare.close();
      await Promise.all(clients.map((client) => client.close()));
    }
  });

interface World {
  readonly server: EtcdServer;
  readonly stores: readonly ViewerSessionStore[];
  readonly plain: ViewerSessionStore;
  readonly signal: AbortSignal;
}

/** What so many operations took. */
interface Pace {
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Of this process, in µs for one. */
  readonly cpuMicros: number;
}

async function pace(count: number, once: () => Promise<unknown>, inFlight = IN_FLIGHT): Promise<Pace> {
  const took: number[] = [];
  let left = count;
  const caller = async () => {
    while (left-- > 0) {
      const from = systemClock.monotonic();
      await once();
      took.push(systemClock.monotonic() - from);
    }
  };
  const [startedAt, cpu] = [systemClock.monotonic(), process.cpuUsage()];
  await Promise.all(Array.from({ length: inFlight }, caller));
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: (count * 1_000) / (systemClock.monotonic() - startedAt),
    p99Ms: took.sort((a, b) => a - b)[Math.floor(count * 0.99)] ?? 0,
    cpuMicros: (user + system) / count,
  };
}

/** Asks again where the store was too slow, as a client does; the time counts. */
async function patiently<T>(once: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await once();
    } catch (error) {
      if (failures === 5 || !isRigError(error) || !ERRORS[error.code].retryable) throw error;
    }
  }
}

let sessions = 0;
const newSession = () => named(`session ${++sessions}`);
const create = (store: ViewerSessionStore, session: ViewerSessionName, limit = RULES.limit) => {
  const tokenHash = viewerTokenHash(randomUUID(), sha256);
  const rules = limit === RULES.limit ? RULES : { ...RULES, limit };
  return patiently(() => store.apply(session, { do: "create", rules, tokenHash, details: NO_DETAILS, evict: null }));
};

interface Held {
  readonly session: ViewerSessionName;
  readonly tokenHash: string;
}

const refresh = (store: ViewerSessionStore, { session, tokenHash }: Held) =>
  patiently(() => store.apply(session, { do: "refresh", rules: RULES, tokenHash }));

/** Full sessions: three tokens in each, which take one write. */
async function fill(store: ViewerSessionStore, count: number, signal: AbortSignal): Promise<Held[]> {
  const held: Held[] = [];
  const fillOne = async () => {
    signal.throwIfAborted();
    const session = newSession();
    const answers = await Promise.all(Array.from({ length: RULES.limit }, () => create(store, session)));
    const [first] = answers;
    if (held.length < SESSIONS && first?.answer === "issued") held.push({ session, tokenHash: first.token.tokenHash });
  };
  await pace(count, fillOne);
  return held;
}

async function measureSpeed({ stores, plain, signal }: World): Promise<BenchRow[]> {
  const [ours] = stores as readonly [ViewerSessionStore];
  const held = await fill(ours, SESSIONS, signal);
  const few = () => Array.from({ length: FEW_SESSIONS }, newSession);
  const works: Record<string, (store: ViewerSessionStore, count: number) => Promise<Pace>> = {
    creates: (store, count) => pace(count, () => create(store, newSession())),
    refreshes: (store, count) => pace(count, () => refresh(store, pick(held))),
    contended: (store) => {
      const hot = few();
      return pace(CONTENDED, () => create(store, pick(hot), ROOM));
    },
  };
  const rows: BenchRow[] = [];
  for (const [name, work] of Object.entries(works)) {
    const paces = { ours: [] as Pace[], plain: [] as Pace[] };
    for (let round = 0; round < ROUNDS; round++) {
      signal.throwIfAborted();
      paces.ours.push(await work(ours, OPERATIONS));
      paces.plain.push(await work(plain, PLAIN_OPERATIONS));
    }
    const of = (which: readonly Pace[], read: (each: Pace) => number) => median(which.map(read));
    const [fast, slow] = [of(paces.ours, (each) => each.perSecond), of(paces.plain, (each) => each.perSecond)];
    const what = name === "contended" ? `${CONTENDED} creates on ${FEW_SESSIONS} sessions` : name;
    rows.push(
      atLeast(`${what}, ${IN_FLIGHT} in flight`, fast, "a second", fast / slow, GOALS[name] ?? 0),
      noted(`${what}, the plain way`, slow, "a second"),
      within(
        `${what}, p99`,
        of(paces.ours, (each) => each.p99Ms),
        "ms",
        50,
      ),
      noted(
        `${what}, CPU of this process`,
        of(paces.ours, (each) => each.cpuMicros),
        "µs each",
      ),
      noted(
        `${what}, CPU of this process, the plain way`,
        of(paces.plain, (each) => each.cpuMicros),
        "µs each",
      ),
    );
  }
  return rows;
}

const GOALS: Readonly<Record<string, number>> = { creates: 8, refreshes: 6.5, contended: 20 };

/** Sessions come to either of two servers at random: how often each asks etcd. */
async function measureServers({ stores, server, signal }: World): Promise<BenchRow[]> {
  const held = await fill(stores[0] as ViewerSessionStore, SESSIONS, signal);
  const calls = async (servers: readonly ViewerSessionStore[]) => {
    const before = await server.requests();
    await pace(OPERATIONS, () => refresh(pick(servers), pick(held)), IN_FLIGHT * servers.length);
    return ((await server.requests()) - before) / OPERATIONS;
  };
  const rounds = { one: [] as number[], two: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    rounds.one.push(await calls(stores.slice(0, 1)));
    rounds.two.push(await calls(stores));
  }
  const [one, two] = [median(rounds.one), median(rounds.two)];
  return [
    atMost("calls of etcd, two servers", two, "a refresh", two / one, 1.3),
    noted("calls of etcd, one server", one, "a refresh"),
  ];
}

/** The same on an etcd with few live tokens and on one with many, turn by turn. */
async function measureMany(signal: AbortSignal): Promise<BenchRow[]> {
  return withPrograms(async (keep) => {
    const places = [];
    for (const live of [SESSIONS, LIVE_TOKENS]) {
      const server = keep(await startEtcd(signal));
      const client = etcdClient({ endpoints: [server.url], prefix: PREFIX });
      keep({ stop: () => client.close() });
      const store = etcdViewerSessions(client);
      const held = await fill(store, Math.ceil(live / RULES.limit), signal);
      for (const each of held) await refresh(store, each); // the cost of the first time is not what this is about
      places.push({ server, store, held, rates: [] as number[], cpu: [] as number[] });
    }
    for (let round = 0; round < ROUNDS; round++)
      for (const { server, store, held, rates, cpu } of places) {
        const before = cpuMs(process.pid, server.pid);
        rates.push((await pace(OPERATIONS, () => refresh(store, pick(held)))).perSecond);
        cpu.push(((cpuMs(process.pid, server.pid) - before) * 1_000) / OPERATIONS);
      }
    const [few = 0, many = 0] = places.map(({ rates }) => median(rates));
    const [fewCpu = 0, manyCpu = 0] = places.map(({ cpu }) => median(cpu));
    return [
      atMost(`refreshes with ${LIVE_TOKENS} live tokens`, many, "a second", few / many, 1.3),
      noted(`refreshes with ${SESSIONS}`, few, "a second"),
      atMost(`CPU, etcd's included, with ${LIVE_TOKENS}`, manyCpu, "µs a refresh", manyCpu / fewCpu, 1.3),
      noted(`CPU, etcd's included, with ${SESSIONS}`, fewCpu, "µs a refresh"),
    ];
  });
}
