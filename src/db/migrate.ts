import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { RigError } from "../domain/errors.ts";
import { packageFile } from "../runtime/package-file.ts";
import { ADVISORY_LOCKS } from "./advisory-locks.ts";
import type { Database, Queryable } from "./database.ts";

const MIGRATION_MS = 30 * 60_000; // a change of a big table takes its time; the lock is waited for as long

/** One numbered SQL file. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, in hex. */
  readonly checksum: string;
}

/** The migrations that this rig brings, in order. @throws Error where a number is missing or there twice */
export async function readMigrations(folder: string = packageFile("src/db/migrations")): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const number = Number.parseInt(name, 10);
      if (number !== index + 1) throw new Error(`${name} stands where migration ${index + 1} is expected`);
      const sql = await readFile(join(folder, name), "utf8");
      return { number, name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

/**
 * Brings the database to this rig's schema: each migration is one transaction, under an advisory lock, so several
 * processes may call it at once. Safe to repeat.
 * @returns the names of those that this call applied
 * @throws RigError CHECK_FAILED where an applied one was changed since, or the database is of a newer rig
 */
export async function migrate(database: Database, migrations?: readonly Migration[]): Promise<string[]> {
  const known = migrations ?? (await readMigrations());
  const applied: string[] = [];
  for (;;) {
    const name = await database.transaction((tx) => applyNext(tx, known));
    if (name === null) return applied;
    applied.push(name);
  }
}

async function applyNext(tx: Queryable, known: readonly Migration[]): Promise<string | null> {
  await tx.query("set local statement_timeout = 0");
  await tx.query("set local idle_in_transaction_session_timeout = 0");
  await tx.query("select pg_advisory_xact_lock($1)", [ADVISORY_LOCKS.migrations], { timeoutMs: MIGRATION_MS });
  await tx.query(
    `create table if not exists migrations (
       number integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`,
  );
  const rows = await tx.query<Pick<Migration, "number" | "name" | "checksum">>(
    "select number, name, checksum from migrations order by number",
  );
  checkApplied(rows, known);
  const next = known[rows.length];
  if (next === undefined) return null;
  await tx.query(next.sql, undefined, { timeoutMs: MIGRATION_MS });
  await tx.query("insert into migrations (number, name, checksum) values ($1, $2, $3)", [
    next.number,
    next.name,
    next.checksum,
  ]);
  return next.name;
}

function checkApplied(
  rows: readonly Pick<Migration, "number" | "name" | "checksum">[],
  known: readonly Migration[],
): void {
  for (const [index, row] of rows.entries()) {
    const mine = known[index];
    if (mine === undefined)
      throw new RigError("CHECK_FAILED", `the database has migration ${row.name}, which this rig does not know`, {
        hint: "it was migrated by a newer rig: run that one",
      });
    if (mine.checksum !== row.checksum)
      throw new RigError("CHECK_FAILED", `migration ${mine.name} is not the one that was applied to this database`, {
        hint: "restore the file as it was; a change of the schema is a new migration",
      });
  }
}
