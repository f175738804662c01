import type { Settings } from "../config/settings.ts";
import type { Database } from "../db/database.ts";
import { isRigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import { databasePlace } from "./places.ts";

/** The database of the settings, else of the platform that runs here, for what can do without one; opened when it is needed. */
export interface LoneDatabase {
  /** Null where there is none. @throws RigError INVALID_SETTING */
  open(): Promise<Database | null>;
  close(): Promise<void>;
}

export function loneDatabase(settings: Settings, log: Log): LoneDatabase {
  const openNow = async () => {
    const place = await databasePlace(settings).catch((error: unknown) => {
      if (!isRigError(error, "NOT_RUNNING")) throw error;
      return null;
    });
    if (place === null) return null;
    const { openDatabase } = await import("../db/database.ts");
    return openDatabase({ ...place, log, maxConnections: 4 });
  };
  let opened: Promise<Database | null> | null = null;
  return {
    async open() {
      opened ??= openNow();
      const now = opened;
      const database = await now.catch(() => null);
      if (database === null && opened === now) opened = null; // the next may fare better
      return now;
    },
    async close() {
      await (await opened?.catch(() => null))?.close();
    },
  };
}
