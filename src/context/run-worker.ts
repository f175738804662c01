import type { Settings } from "../config/settings.ts";
import type { Database } from "../db/database.ts";
import { outboxStore } from "../db/outbox.ts";
import { publishStore } from "../db/publishes.ts";
import type { Log } from "../domain/log.ts";
import { etcdElection } from "../etcd/election.ts";
import { etcdTaskDuties } from "../etcd/tasks/duties.ts";
import { etcdTaskQueue } from "../etcd/tasks/enqueue.ts";
import { systemClock } from "../runtime/clock.ts";
import { type HttpListener, listen } from "../runtime/http/listen.ts";
import { systemIds } from "../runtime/ids.ts";
import { checkKind } from "../worker/kinds/check.ts";
import { clearOrdersKind, sweepOrdersKind } from "../worker/kinds/orders.ts";
import { TaskCounters } from "../worker/task-counters.ts";
import { workerPages } from "../worker/worker-pages.ts";
import { runWorker } from "../worker/worker-role.ts";
import type { Coordination } from "./coordination.ts";
import { type RunningRole, startRole } from "./running-role.ts";
import { runTaskWorker } from "./task-worker.ts";
import { etcdProbe } from "./viewer-place.ts";

interface WorkerPlaces {
  readonly database: Database;
  readonly coordination: Coordination;
  readonly settings: Pick<Settings, "workerPort" | "workerConcurrency" | "workerKinds">;
  readonly log: Log;
}

/** Where a running worker answers. */
export interface WorkerFacts {
  readonly url: string;
}

/** Starts the worker; it serves at once, be it leader or not. */
export const startWorker = (places: WorkerPlaces): Promise<RunningRole<WorkerFacts>> =>
  startRole<WorkerFacts>("worker", async (ready, signal) => {
    const { database, coordination, log } = places;
    const { etcd, lease, claims } = coordination;
    const counters = new TaskCounters();
    const pages = await listenForPages(places, counters);
    try {
      ready({ url: pages.url });
      await runWorker(
        {
          ...{ claims, log, clock: systemClock },
          election: etcdElection(etcd, lease),
          publishes: publishStore(database),
          outbox: outboxStore(database),
          queue: etcdTaskQueue(etcd, { newId: systemIds.ulid }),
          duties: etcdTaskDuties(etcd, systemIds.ulid, log),
          work: (stop) => workOnTasks(places, counters, stop),
        },
        signal,
      );
    } finally {
      await pages.close(1_000);
    }
  });

function workOnTasks({ coordination, settings, log }: WorkerPlaces, counters: TaskCounters, signal: AbortSignal) {
  const { workerKinds, workerConcurrency: concurrency } = settings;
  const handlers = [checkKind(systemClock), clearOrdersKind(coordination), sweepOrdersKind(coordination)];
  const kinds = workerKinds.length === 0 ? null : workerKinds;
  return runTaskWorker({ coordination, handlers, kinds, concurrency, counters, log }, signal);
}

function listenForPages(places: WorkerPlaces, counters: TaskCounters): Promise<HttpListener> {
  const { database, coordination, settings, log } = places;
  const probes = [
    { name: "postgresql", check: async () => void (await database.query("select 1")) },
    etcdProbe(coordination.etcd),
  ];
  const handler = workerPages({ clock: systemClock, probes }, counters);
  return listen({ host: "127.0.0.1", port: settings.workerPort, handler, clock: systemClock, log });
}
