import pg from "pg";
import { connectionConfig, type DatabaseOptions } from "./database.ts";
import { asRigError } from "./errors.ts";

const NO_SUCH_DATABASE = "3D000";
const EXISTS = ["42P04", "23505"]; // the second from two that create it at once

/**
 * Makes the database that the URL names, where it is not there yet. Safe to repeat, also by several at once.
 * @returns true where this call made it
 * @throws RigError DATABASE_UNREACHABLE
 */
export async function createDatabase({ url, password, tls }: Omit<DatabaseOptions, "log">): Promise<boolean> {
  try {
    await withClient(connectionConfig(url, password, tls), async () => {});
    return false;
  } catch (error) {
    if ((error as { code?: string }).code !== NO_SUCH_DATABASE) throw asRigError(error);
  }
  const maintenance = new URL(url);
  const name = decodeURIComponent(maintenance.pathname.slice(1));
  maintenance.pathname = "/postgres";
  const quoted = `"${name.replaceAll('"', '""')}"`;
  return withClient(connectionConfig(maintenance.href, password, tls), (client) =>
    client.query(`create database ${quoted} template template0 encoding 'UTF8'`),
  ).then(
    () => true,
    (error: { code?: string }) => {
      if (EXISTS.includes(error.code ?? "")) return false;
      throw asRigError(error);
    },
  );
}

async function withClient<T>(config: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(config);
  client.on("error", () => {}); // told by connect or the statement; unheard it would end the process
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {}); // it may never have been open
  }
}
