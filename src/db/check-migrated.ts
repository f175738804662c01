import { RigError } from "../domain/errors.ts";
import type { Queryable } from "./database.ts";
import { readMigrations } from "./migrate.ts";

/**
 * Checks that the database has this rig's tables; those of a newer rig pass, so that servers can be replaced one by one.
 * @throws RigError CHECK_FAILED, DATABASE_UNREACHABLE
 */
export async function checkMigrated(database: Queryable): Promise<void> {
  const known = (await readMigrations()).length;
  const [table] = await database.query<{ present: boolean }>("select to_regclass('migrations') is not null as present");
  const [row] = table?.present
    ? await database.query<{ applied: number }>("select count(*) as applied from migrations")
    : [];
  const applied = row?.applied ?? 0;
  if (applied < known)
    throw new RigError("CHECK_FAILED", `the database has ${applied} of ${known} migrations`, {
      hint: "Run `rig migrate`.",
    });
}
