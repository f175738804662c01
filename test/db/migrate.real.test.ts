import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrate, readMigrations } from "../../src/db/migrate.ts";
import { userStore } from "../../src/db/users.ts";
import { NO_QUOTA } from "../../src/domain/user-quota.ts";
import { emptyDatabase, type FreshDatabase } from "../support/fresh-database.ts";

let fresh: FreshDatabase;

beforeEach(async () => {
  fresh = await emptyDatabase();
});

afterEach(() => fresh.drop());

const names = (sql: { name: string }[]) => sql.map(({ name }) => name);

describe("migrate", () => {
  it("applies all migrations in order, and nothing the second time", async () => {
    const first = await migrate(fresh.database);
    const second = await migrate(fresh.database);

    expect(first).toEqual(names(await readMigrations()));
    expect(first[0]).toBe("0001-initial.sql");
    expect(second).toEqual([]);
  });

  it("applies each once where eight processes start at once", async () => {
    const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(fresh.database)));

    expect(applied.flat().sort()).toEqual(names(await readMigrations()));
  });

  it("refuses a migration that was changed after it was applied", async () => {
    const migrations = await readMigrations();
    await migrate(fresh.database, migrations);
    const tampered = migrations.map((one) => (one.number === 1 ? { ...one, checksum: "00" } : one));

    await expect(migrate(fresh.database, tampered)).rejects.toMatchObject({
      code: "CHECK_FAILED",
      message: expect.stringContaining("0001-initial.sql"),
    });
  });

  it("gives users who were there before no quota of their own, and lets a server of before add more", async () => {
    const migrations = await readMigrations();
    const before = migrations.slice(
      0,
      migrations.findIndex(({ name }) => name === "0004-viewer-quotas.sql"),
    );
    const add = (id: string) =>
      fresh.database.query(
        "insert into users (id, username, email, disabled_at, created_at) values ($1, $1, 'a@b', null, now())",
        [id],
      );
    await migrate(fresh.database, before);
    await add("ada");
    await migrate(fresh.database, migrations);
    await add("bob");

    const users = await userStore(fresh.database).list();

    expect(users.map(({ username, quota }) => [username, quota])).toEqual([
      ["ada", NO_QUOTA],
      ["bob", NO_QUOTA],
    ]);
  });

  it("refuses the database of a newer rig", async () => {
    const migrations = await readMigrations();
    await migrate(fresh.database, migrations);

    await expect(migrate(fresh.database, migrations.slice(0, -1))).rejects.toMatchObject({
      code: "CHECK_FAILED",
      hint: expect.stringContaining("newer rig"),
    });
  });

  it("leaves nothing of a migration that fails", async () => {
    const broken = {
      number: 1,
      name: "0001-broken.sql",
      sql: "create table half (id int); select 1/0",
      checksum: "aa",
    };

    await expect(migrate(fresh.database, [broken])).rejects.toThrow(/division by zero/);

    expect(await fresh.database.query("select to_regclass('half')::text as half")).toEqual([{ half: null }]);
  });
});
