import type { Settings } from "../config/settings.ts";
import { commandLog } from "../runtime/cli/command-log.ts";
import { systemClock } from "../runtime/clock.ts";
import { type TaskDesk, taskDesk } from "../services/task-desk.ts";
import type { Coordination } from "./coordination.ts";
import { deferred } from "./deferred.ts";
import { databasePlace, etcdPlace, sealKeysOf } from "./places.ts";
import type { CoordinationPorts, Services } from "./wire-services.ts";

/** The use cases over the platform's PostgreSQL and etcd, for one command. */
export interface Context extends Services {
  readonly tasks: TaskDesk;
  close(): Promise<void>;
}

/** Opens what the settings name, else the platform that runs here; connects at the first call. @throws RigError NOT_RUNNING */
export async function openContext({ settings }: { settings: Settings }): Promise<Context> {
  const [{ openDatabase }, { auditWriter }, { wireServices }, place] = await Promise.all([
    import("../db/database.ts"),
    import("../db/audit-writer.ts"),
    import("./wire-services.ts"),
    databasePlace(settings),
  ]);
  const database = openDatabase({ ...place, log: commandLog, maxConnections: 4 });
  let opened: Promise<Coordination> | null = null;
  const coordination = () => {
    opened ??= import("./coordination.ts").then(async ({ observeCoordination }) =>
      observeCoordination(await etcdPlace(settings)),
    );
    return opened;
  };
  const ports: CoordinationPorts = {
    claims: deferred(async () => (await coordination()).claims),
    wanted: deferred(async () => (await coordination()).wanted),
    dropOrders: deferred(async () => (await coordination()).dropOrders),
    live: deferred(async () => (await coordination()).live),
  };
  const taskPorts = () => import("./task-ports.ts").then(async (load) => load.taskPorts((await coordination()).etcd));
  const tasks = taskDesk({
    refused: deferred(async () => (await import("../db/outbox.ts")).refusedOrders(database)),
    board: deferred(async () => (await taskPorts()).board),
    moves: deferred(async () => (await taskPorts()).moves),
    queue: deferred(async () => (await taskPorts()).queue),
    audit: auditWriter(database),
    clock: systemClock,
  });
  const services = wireServices({
    database,
    coordination: ports,
    sealKeys: await sealKeysOf(settings),
    log: commandLog,
  });
  return {
    ...services,
    tasks,
    async close() {
      await database.close();
      await (await opened?.catch(() => null))?.close();
    },
  };
}
