import { createHash } from "node:crypto";
import type { Settings } from "../config/settings.ts";
import type { AuditEntry } from "../domain/audit.ts";
import { isRigError } from "../domain/errors.ts";
import { etcdViewerBoard } from "../etcd/viewer-board.ts";
import { etcdViewerServers } from "../etcd/viewer-servers.ts";
import { etcdViewerSessions } from "../etcd/viewer-sessions.ts";
import { commandLog } from "../runtime/cli/command-log.ts";
import { systemClock } from "../runtime/clock.ts";
import { type ViewerAdmin, viewerAdmin } from "../services/viewer-admin.ts";
import { observeCoordination } from "./coordination.ts";
import { databasePlace, etcdPlace } from "./places.ts";

/** The use cases on viewer sessions where these tokens live, for one command. */
export interface Viewers {
  readonly viewers: ViewerAdmin;
  close(): Promise<void>;
}

/** Opens the store that the settings name, else that of the platform that runs here; no database is needed. @throws RigError NOT_RUNNING */
export async function openViewers({ settings }: { settings: Settings }): Promise<Viewers> {
  const { etcd, close } = observeCoordination(await etcdPlace(settings));
  const trail = auditTrail(settings);
  return {
    viewers: viewerAdmin({
      store: etcdViewerSessions(etcd),
      board: etcdViewerBoard(etcd),
      servers: etcdViewerServers(etcd),
      hash: (text) => createHash("sha256").update(text).digest("hex"),
      audit: trail.enter,
      clock: systemClock,
    }),
    async close() {
      await trail.close();
      await close();
    },
  };
}

/** The database's trail; where tokens are served without any database, a word on the terminal is all that there is. */
function auditTrail(settings: Settings) {
  const open = async () => {
    const place = await databasePlace(settings).catch((error: unknown) => {
      if (!isRigError(error, "NOT_RUNNING")) throw error;
      return null;
    });
    if (place === null) return null;
    const [{ openDatabase }, { auditWriter }] = await Promise.all([
      import("../db/database.ts"),
      import("../db/audit-writer.ts"),
    ]);
    const database = openDatabase({ ...place, log: commandLog, maxConnections: 1 });
    return { database, write: auditWriter(database) };
  };
  let opened: ReturnType<typeof open> | null = null;
  return {
    async enter(entry: AuditEntry): Promise<void> {
      opened ??= open();
      const trail = await opened;
      if (trail) await trail.write(entry);
      else commandLog.warn(entry, `no database is set: ${entry.action} of ${entry.subject} is in no audit trail`);
    },
    async close(): Promise<void> {
      await (await opened?.catch(() => null))?.database.close();
    },
  };
}
