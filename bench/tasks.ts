import { atLeast, atMost, type Benchmark, type BenchRow, median, noted, within } from "./benchmark.ts";
import type { Claims } from "./support/bench-queue.ts";
import { startContender } from "./support/contender.ts";
import { startStore } from "./support/embedded-stores.ts";
import { installPeers } from "./support/peer-package.ts";
import { cpuMs } from "./support/process-cost.ts";
import { withPrograms } from "./support/program.ts";
import { type BenchServer, type EtcdServer, startEtcd, startPostgres, startRedis } from "./support/servers.ts";

const ROUNDS = 3;
const TASKS = 20_000;
const SLOW_TASKS = 4_000; // what is ten times slower drains fewer
const NAIVE_TASKS = 1_000;
const WARM_UP = 500;
const LATENCY_TASKS = 300;
const PACE_MS = 20; // 50 tasks a second
const WORKERS = 4; // that compete, each with a client and a lease of its own

interface Servers {
  readonly etcd: EtcdServer;
  readonly store: BenchServer;
  readonly redis: BenchServer;
  readonly postgres: BenchServer;
}

/** A task queue on its server, and how many tasks it drains. */
interface Entrant {
  readonly name: string;
  readonly contender: string;
  readonly on: keyof Servers;
  readonly tasks: number;
  readonly workers: number;
}

const entrant = (name: string, contender: string, on: keyof Servers, tasks = TASKS, workers = 1): Entrant => {
  return { name, contender, on, tasks, workers };
};

const RIG = entrant("rig on etcd", "rig", "etcd");
const RIG_WORKERS = entrant(`rig on etcd, ${WORKERS} workers`, "rig", "etcd", TASKS, WORKERS);
const RIG_GRPC = entrant("rig on the embedded store over gRPC", "rig", "store");
const RIG_IN_PROCESS = entrant("rig on the embedded store in process", "rig-in-process", "store");
const BULLMQ = entrant("BullMQ, AOF always", "bullmq", "redis");
const PG_BOSS = entrant("pg-boss, batches of 100", "pg-boss", "postgres");
const GRAPHILE = entrant("graphile-worker", "graphile", "postgres", SLOW_TASKS);
const LOCAL_QUEUE = entrant("graphile-worker, local queue", "graphile-local-queue", "postgres");
const NAIVE = entrant(`naive range and claim on etcd, ${WORKERS} workers`, "naive-etcd", "etcd", NAIVE_TASKS, WORKERS);

const PEERS = [
  { peer: BULLMQ, goal: 1 },
  { peer: PG_BOSS, goal: 1 },
  { peer: GRAPHILE, goal: 5 },
  { peer: LOCAL_QUEUE, goal: 0.5 },
  { peer: NAIVE, goal: 40 },
];

/** How fast task queues drain what is enqueued, and how soon a task starts; each alone with its server, turn by turn. */
export const tasks: Benchmark = async (signal) => {
  await installPeers();
  return withPrograms(async (keep) => {
    const servers: Servers = {
      etcd: keep(await startEtcd(signal)),
      store: keep(await startStore()),
      redis: keep(await startRedis(signal)),
      postgres: keep(await startPostgres()),
    };
    // Latencies first: the drains leave each server hundreds of thousands of dead rows, pages or revisions.
    const latencies = await measureLatencies(servers, signal);
    return [...(await measureDrains(servers, signal)), ...latencies];
  });
};

async function measureDrains(servers: Servers, signal: AbortSignal): Promise<BenchRow[]> {
  const entrants = [RIG, BULLMQ, PG_BOSS, LOCAL_QUEUE, RIG_GRPC, RIG_IN_PROCESS, RIG_WORKERS, GRAPHILE, NAIVE];
  const drains = await inTurns(entrants, (each) => drainOnce(each, servers), signal);
  const middle = (of: Entrant, read: (drain: Drain) => number) => median((drains.get(of) ?? []).map(read));
  const perSecond = (of: Entrant) => middle(of, (drain) => drain.perSecond);
  const requests = (of: Entrant) => middle(of, (drain) => drain.requestsPerTask);
  const lostPercent = middle(
    RIG_WORKERS,
    ({ claims }) => (100 * (claims?.lost ?? 0)) / Math.max(1, claims?.tried ?? 0),
  );
  const cpuMicros = (drain: Drain) => drain.cpuMicrosPerTask;
  const [rig, grpc] = [perSecond(RIG), perSecond(RIG_GRPC)];
  return [
    ...PEERS.flatMap(({ peer, goal }) => [
      atLeast(`drain: rig on etcd against ${peer.name}`, rig, "tasks/s", rig / perSecond(peer), goal),
      noted(`drain: ${peer.name}`, perSecond(peer), "tasks/s"),
    ]),
    atLeast(`drain: ${RIG_GRPC.name} against etcd`, grpc, "tasks/s", grpc / rig, 0.9),
    noted(`drain: ${RIG_IN_PROCESS.name}`, perSecond(RIG_IN_PROCESS), "tasks/s"),
    noted(`drain: ${RIG_WORKERS.name}`, perSecond(RIG_WORKERS), "tasks/s"),
    within("requests to etcd: rig", requests(RIG), "a task", 0.05),
    noted(`requests to etcd: ${RIG_WORKERS.name}`, requests(RIG_WORKERS), "a task"),
    noted(`requests to etcd: ${NAIVE.name}`, requests(NAIVE), "a task"),
    within(`lost claims: ${RIG_WORKERS.name}`, lostPercent, "%", 5),
    ...entrants.map((of) => noted(`CPU, server included: ${of.name}`, middle(of, cpuMicros), "µs a task")),
  ];
}

/** Enqueue to start, at a pace that leaves the workers idle. */
async function measureLatencies(servers: Servers, signal: AbortSignal): Promise<BenchRow[]> {
  const entrants = [RIG, RIG_GRPC, BULLMQ, GRAPHILE];
  const rounds = await inTurns(entrants, (each) => latenciesOnce(each, servers), signal);
  const p50 = (of: Entrant) => percentile((rounds.get(of) ?? []).flat(), 0.5);
  const p99 = (of: Entrant) => percentile((rounds.get(of) ?? []).flat(), 0.99);
  return [
    atMost("enqueue to start, p50: rig on etcd against graphile-worker", p50(RIG), "ms", p50(RIG) / p50(GRAPHILE), 1.5),
    atMost("enqueue to start, p99: rig on etcd against BullMQ", p99(RIG), "ms", p99(RIG) / p99(BULLMQ), 3),
    ...entrants.map((of) => noted(`enqueue to start, p50: ${of.name}`, p50(of), "ms")),
    ...entrants.map((of) => noted(`enqueue to start, p99: ${of.name}`, p99(of), "ms")),
  ];
}

/** Every entrant once a round, so that what else the machine does meets them all. */
async function inTurns<T>(entrants: readonly Entrant[], once: (each: Entrant) => Promise<T>, signal: AbortSignal) {
  const results = new Map<Entrant, T[]>(entrants.map((each) => [each, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [each, taken] of results) {
      signal.throwIfAborted();
      taken.push(await once(each));
    }
  return results;
}

/** What one drain showed. */
interface Drain {
  readonly perSecond: number;
  /** That etcd had. */
  readonly requestsPerTask: number;
  /** Of the workers' process and the server together. */
  readonly cpuMicrosPerTask: number;
  readonly claims: Claims | null;
}

const drainOnce = ({ contender: name, on, tasks: count, workers }: Entrant, servers: Servers): Promise<Drain> =>
  withPrograms(async (keep) => {
    const contender = keep(await startContender(name, servers[on].url, workers));
    await contender.fill(WARM_UP);
    await contender.drain(WARM_UP);
    await contender.fill(count);
    const cpu = () => cpuMs(contender.pid, servers[on].pid);
    const before = { requests: await servers.etcd.requests(), cpu: cpu() };
    const { seconds, claims } = await contender.drain(count);
    return {
      perSecond: count / seconds,
      requestsPerTask: ((await servers.etcd.requests()) - before.requests) / count,
      cpuMicrosPerTask: ((cpu() - before.cpu) * 1_000) / count,
      claims,
    };
  });

const latenciesOnce = ({ contender: name, on }: Entrant, servers: Servers): Promise<number[]> =>
  withPrograms(async (keep) => {
    const contender = keep(await startContender(name, servers[on].url));
    return contender.latencies(LATENCY_TASKS, PACE_MS);
  });

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
