import type { Database } from "../db/database.ts";
import { publishStore } from "../db/publishes.ts";
import type { Log } from "../domain/log.ts";
import { etcdElection } from "../etcd/election.ts";
import { systemClock } from "../runtime/clock.ts";
import { runWorker } from "../worker/worker-role.ts";
import type { Coordination } from "./coordination.ts";
import { type RunningRole, startRole } from "./running-role.ts";

/** Starts the worker; it serves at once, be it leader or not. */
export const startWorker = ({
  database,
  coordination,
  log,
}: {
  database: Database;
  coordination: Coordination;
  log: Log;
}): Promise<RunningRole<null>> =>
  startRole<null>("worker", (ready, signal) => {
    ready(null);
    const election = etcdElection(coordination.etcd, coordination.lease);
    const { claims, orders } = coordination;
    return runWorker({ election, claims, orders, publishes: publishStore(database), clock: systemClock, log }, signal);
  });
