import type { AuditEntry } from "../domain/audit.ts";
import type { Log } from "../domain/log.ts";
import type { LoneDatabase } from "./lone-database.ts";

/**
 * Enters what operators do to viewer tokens in the database's trail; where tokens are served without any database, a word
 * in the log is all that there is.
 */
export function viewerTrail(database: LoneDatabase, log: Log): (entry: AuditEntry) => Promise<void> {
  let write: ((entry: AuditEntry) => Promise<void>) | null = null;
  return async (entry) => {
    const opened = await database.open();
    if (opened === null)
      return log.warn(entry, `no database is set: ${entry.action} of ${entry.subject} is in no audit trail`);
    const { auditWriter } = await import("../db/audit-writer.ts");
    write ??= auditWriter(opened);
    await write(entry);
  };
}
