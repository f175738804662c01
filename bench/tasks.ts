import { type Benchmark, median, noted } from "./benchmark.ts";
import type { Claims } from "./support/bench-queue.ts";
import { startContender } from "./support/contender.ts";
import { installPeers } from "./support/peer-package.ts";
import { withPrograms } from "./support/program.ts";
import { type BenchServer, type EtcdServer, startEtcd, startPostgres, startRedis } from "./support/servers.ts";

const ROUNDS = 3;
const TASKS = 20_000;
const WARM_UP = 500;
const SLOW_TASKS = 4_000; // what is ten times slower drains fewer
const NAIVE_TASKS = 1_000;
const WORKERS = 4; // that compete, each with a client of its own

interface Servers {
  readonly etcd: EtcdServer;
  readonly redis: BenchServer;
  readonly postgres: BenchServer;
}

/** A task queue on its server, and how many tasks it drains. */
interface Entrant {
  readonly name: string;
  readonly contender: string;
  readonly on: keyof Servers;
  readonly tasks: number;
  readonly workers?: number;
}

const BULLMQ = { name: "BullMQ, AOF always", contender: "bullmq", on: "redis", tasks: TASKS } as const;
const PG_BOSS = { name: "pg-boss, batches of 100", contender: "pg-boss", on: "postgres", tasks: TASKS } as const;
const GRAPHILE = { name: "graphile-worker", contender: "graphile", on: "postgres", tasks: SLOW_TASKS } as const;
const LOCAL_QUEUE = {
  ...{ name: "graphile-worker, local queue", contender: "graphile-local-queue" },
  ...({ on: "postgres", tasks: TASKS } as const),
};
const NAIVE = {
  ...{ name: `naive range and claim on etcd, ${WORKERS} workers`, contender: "naive-etcd" },
  ...({ on: "etcd", tasks: NAIVE_TASKS, workers: WORKERS } as const),
};
const PEERS: readonly Entrant[] = [BULLMQ, PG_BOSS, GRAPHILE, LOCAL_QUEUE, NAIVE];

/** How fast task queues drain what is enqueued, and how soon a task starts; each alone with its server, turn by turn. */
export const tasks: Benchmark = async (signal) => {
  await installPeers();
  return withPrograms(async (keep) => {
    const [etcd, redis] = [keep(await startEtcd(signal)), keep(await startRedis(signal))];
    const servers = { etcd, redis, postgres: keep(await startPostgres()) };
    const drained = await drainAll(PEERS, servers, signal);
    return [...drained.values()].map(({ entrant, perSecond }) => noted(entrant.name, perSecond, "tasks/s"));
  });
};

/** The middle of an entrant's rounds. */
interface Result {
  readonly entrant: Entrant;
  readonly perSecond: number;
  /** Requests that etcd had for each task. */
  readonly requestsPerTask: number;
  readonly claims: Claims | null;
}

async function drainAll(
  entrants: readonly Entrant[],
  servers: Servers,
  signal: AbortSignal,
): Promise<ReadonlyMap<Entrant, Result>> {
  const rounds = new Map(entrants.map((entrant) => [entrant, [] as Result[]]));
  for (let round = 0; round < ROUNDS; round++)
    for (const entrant of entrants) {
      signal.throwIfAborted();
      rounds.get(entrant)?.push(await drainOnce(entrant, servers));
    }
  return new Map([...rounds].map(([entrant, results]) => [entrant, middle(entrant, results)]));
}

const drainOnce = (entrant: Entrant, { [entrant.on]: server, etcd }: Servers): Promise<Result> =>
  withPrograms(async (keep) => {
    const contender = keep(await startContender(entrant.contender, server.url, entrant.workers));
    await contender.fill(WARM_UP);
    await contender.drain(WARM_UP);
    await contender.fill(entrant.tasks);
    const before = await etcd.requests();
    const { seconds, claims } = await contender.drain(entrant.tasks);
    const requests = (await etcd.requests()) - before;
    return { entrant, perSecond: entrant.tasks / seconds, requestsPerTask: requests / entrant.tasks, claims };
  });

const middle = (entrant: Entrant, results: readonly Result[]): Result => ({
  entrant,
  perSecond: median(results.map(({ perSecond }) => perSecond)),
  requestsPerTask: median(results.map(({ requestsPerTask }) => requestsPerTask)),
  claims: results.at(-1)?.claims ?? null,
});
