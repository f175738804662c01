import type pg from "pg";
import { connectionConfig, type DatabaseOptions } from "./database.ts";
import { driver } from "./driver.ts";
import { asRigError } from "./errors.ts";

const EXISTS = ["42P04", "23505"]; // the second from two that create it at once

/**
 * Makes the database that the URL names, where it is not there yet. Safe to repeat, also by several at once.
 * @returns true where this call made it
 * @throws RigError DATABASE_UNREACHABLE
 */
export async function createDatabase({ url, password, tls }: Omit<DatabaseOptions, "log">): Promise<boolean> {
  const maintenance = new URL(url);
  const name = decodeURIComponent(maintenance.pathname.slice(1));
  maintenance.pathname = "/postgres";
  try {
    return await withClient(connectionConfig(maintenance.href, password, tls), (client) => createIn(client, name));
  } catch (error) {
    // Who may not enter `postgres` has a database made for them: it is enough that it is there.
    if (error instanceof driver.DatabaseError)
      await withClient(connectionConfig(url, password, tls), async () => {}).catch(rethrow);
    else rethrow(error);
    return false;
  }
}

async function createIn(client: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query("select from pg_database where datname = $1", [name]);
  if (rowCount) return false;
  try {
    await client.query(`create database "${name.replaceAll('"', '""')}" template template0 encoding 'UTF8'`);
    return true;
  } catch (error) {
    if (EXISTS.includes((error as { code?: string }).code ?? "")) return false;
    throw error;
  }
}

const rethrow = (error: unknown): never => {
  throw asRigError(error);
};

async function withClient<T>(config: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new driver.Client(config);
  client.on("error", () => {}); // told by connect or the statement; unheard it would end the process
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {}); // it may never have been open
  }
}
