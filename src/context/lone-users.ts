import { RigError } from "../domain/errors.ts";
import type { User } from "../domain/user.ts";
import type { LoneDatabase } from "./lone-database.ts";

/** Reads users for viewer tokens that are served alone. @throws RigError NOT_CONFIGURED where no database is set */
export const loneUsers =
  (database: LoneDatabase) =>
  async (idOrName: string): Promise<User | null> => {
    const opened = await database.open();
    if (opened === null)
      throw new RigError(
        "NOT_CONFIGURED",
        "a user needs the setting databaseUrl (DATABASE_URL), which is not set here",
      );
    const { userReader } = await import("../db/users.ts");
    return userReader(opened)(idOrName);
  };
