import type { Settings } from "../config/settings.ts";
import type { AuditEntry } from "../domain/audit.ts";
import { isRigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import { databasePlace } from "./places.ts";

/** Where it is entered what operators do to viewer tokens. */
interface ViewerTrail {
  /** @throws RigError DATABASE_UNREACHABLE */
  enter(entry: AuditEntry): Promise<void>;
  close(): Promise<void>;
}

/** The database's trail, opened when it is needed; where tokens are served without any database, a word in the log is all that there is. */
export function viewerTrail(settings: Settings, log: Log): ViewerTrail {
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
    const database = openDatabase({ ...place, log, maxConnections: 1 });
    return { database, write: auditWriter(database) };
  };
  let opened: ReturnType<typeof open> | null = null;
  return {
    async enter(entry) {
      opened ??= open();
      const trail = await opened.catch((error: unknown) => {
        opened = null; // the next may fare better
        throw error;
      });
      if (trail) await trail.write(entry);
      else log.warn(entry, `no database is set: ${entry.action} of ${entry.subject} is in no audit trail`);
    },
    async close() {
      await (await opened?.catch(() => null))?.database.close();
    },
  };
}
