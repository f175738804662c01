import { createHash, randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { type Database, openDatabase } from "../../src/db/database.ts";
import { migrate, readMigrations } from "../../src/db/migrate.ts";
import { silentLog } from "./silent-log.ts";

const LOCK = 7_261_900;

/** A database of a test's own, on the PostgreSQL of the run. */
export interface FreshDatabase {
  readonly database: Database;
  /** With the password. */
  readonly url: string;
  /** Closes `database` and removes it. */
  drop(): Promise<void>;
}

/** Makes a migrated, empty database: a copy of a template that the run's first caller makes (20-50 ms). */
export const freshDatabase = (): Promise<FreshDatabase> => create(ensureTemplate);

/** Makes a database without a table. */
export const emptyDatabase = (): Promise<FreshDatabase> => create(async () => "template0");

async function create(template: (adminUrl: string) => Promise<string>): Promise<FreshDatabase> {
  const adminUrl = inject("postgresUrl");
  if (adminUrl === null) throw new Error("no PostgreSQL for this run");
  const name = `test_${randomBytes(6).toString("hex")}`;
  const from = await template(adminUrl);
  await asAdmin(adminUrl, (client) => client.query(`create database ${name} template ${from}`));
  const url = databaseUrl(adminUrl, name);
  const database = openDatabase({ url, log: silentLog, maxConnections: 20 });
  return {
    database,
    url,
    drop: async () => {
      await database.close();
      await asAdmin(adminUrl, (client) => client.query(`drop database ${name} with (force)`));
    },
  };
}

/** Named for the migrations it holds, so that a changed file makes a new one. */
async function ensureTemplate(adminUrl: string): Promise<string> {
  const checksums = (await readMigrations()).map(({ checksum }) => checksum).join();
  const template = `template_${createHash("sha256").update(checksums).digest("hex").slice(0, 16)}`;
  await asAdmin(adminUrl, async (client) => {
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    const { rowCount } = await client.query("select from pg_database where datname = $1", [template]);
    if (rowCount) return;
    await client.query(`drop database if exists ${template}_new with (force)`);
    await client.query(`create database ${template}_new`);
    const database = openDatabase({ url: databaseUrl(adminUrl, `${template}_new`), log: silentLog });
    await migrate(database);
    await database.close();
    await client.query(`alter database ${template}_new rename to ${template}`);
  });
  return template;
}

async function asAdmin(adminUrl: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function databaseUrl(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}
