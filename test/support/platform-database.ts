import { readFile } from "node:fs/promises";
import { type Database, openDatabase } from "../../src/db/database.ts";
import type { TestPlatform } from "./platform.ts";
import { silentLog } from "./silent-log.ts";

/** Works with a platform's own database, over one connection that is closed behind it. */
export async function withDatabase<T>(
  { status }: Pick<TestPlatform, "status">,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const { url, passwordFile } = status.database;
  const password = passwordFile === null ? undefined : (await readFile(passwordFile, "utf8")).trim();
  const database = openDatabase({ url, password, log: silentLog, maxConnections: 1 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
