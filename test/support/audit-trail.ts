import { readFile } from "node:fs/promises";
import { listAudit, type StoredAuditEntry } from "../../src/db/audit.ts";
import { openDatabase } from "../../src/db/database.ts";
import type { TestPlatform } from "./platform.ts";
import { silentLog } from "./silent-log.ts";

/** A platform's audit entries on one subject, newest first. */
export async function auditTrail({ status }: TestPlatform, subject?: string): Promise<StoredAuditEntry[]> {
  const { url, passwordFile } = status.database;
  const password = passwordFile === null ? undefined : (await readFile(passwordFile, "utf8")).trim();
  const database = openDatabase({ url, password, log: silentLog, maxConnections: 1 });
  try {
    return await listAudit(database, subject === undefined ? {} : { subject });
  } finally {
    await database.close();
  }
}
