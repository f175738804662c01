import { createHash } from "node:crypto";
import type { Settings } from "../config/settings.ts";
import type { Log } from "../domain/log.ts";
import { commandLog } from "../runtime/cli/command-log.ts";
import { systemClock } from "../runtime/clock.ts";
import { type ViewerAdmin, viewerAdmin } from "../services/viewer-admin.ts";
import { loneDatabase } from "./lone-database.ts";
import { etcdPlace } from "./places.ts";
import { redisPlace } from "./redis-place.ts";
import { redisViewers } from "./redis-viewers.ts";
import { viewerTrail } from "./viewer-trail.ts";

/** The use cases on viewer sessions where these tokens live, for one command. */
export interface Viewers {
  readonly viewers: ViewerAdmin;
  close(): Promise<void>;
}

/** Opens the store that the settings name, else that of the platform that runs here; no database is needed. @throws RigError NOT_RUNNING */
export async function openViewers({ settings }: { settings: Settings }): Promise<Viewers> {
  const { close, ...ports } = await openStore(settings);
  const database = loneDatabase(settings, commandLog);
  return {
    viewers: viewerAdmin({
      ...ports,
      hash: (text) => createHash("sha256").update(text).digest("hex"),
      audit: viewerTrail(database, commandLog),
      clock: systemClock,
    }),
    async close() {
      await database.close().finally(close);
    },
  };
}

// What Redis does while a command runs, and how it is set up, is its servers' to log: a command fails with what it met.
const QUIET: Log = { ...commandLog, warn: () => {} };

const PLACES = "REDIS_URL_FILE, REDIS_HOST or ETCD_ENDPOINTS";

async function openStore(settings: Settings) {
  const redis = await redisPlace(settings);
  if (redis !== null) return redisViewers(redis, QUIET);
  const [{ observeCoordination }, sessions, board, servers] = await Promise.all([
    import("./coordination.ts"),
    import("../etcd/viewer-sessions.ts"),
    import("../etcd/viewer-board.ts"),
    import("../etcd/viewer-servers.ts"),
  ]);
  const { etcd, close } = observeCoordination(await etcdPlace(settings, PLACES));
  return {
    store: sessions.etcdViewerSessions(etcd),
    board: board.etcdViewerBoard(etcd),
    servers: servers.etcdViewerServers(etcd),
    close,
  };
}
