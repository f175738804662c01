import type { Settings } from "../config/settings.ts";
import { createDatabase } from "../db/create-database.ts";
import { openDatabase } from "../db/database.ts";
import { migrate } from "../db/migrate.ts";
import { commandLog } from "../runtime/cli/command-log.ts";
import { databasePlace } from "./places.ts";

/** Brings the database up to this version's tables, and makes it where it is missing. @returns what was applied */
export async function migrateDatabase(settings: Settings): Promise<string[]> {
  const place = await databasePlace(settings);
  await createDatabase(place);
  const database = openDatabase({ ...place, log: commandLog });
  try {
    return await migrate(database);
  } finally {
    await database.close();
  }
}
