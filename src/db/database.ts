import type { ConnectionOptions } from "node:tls";
import type pg from "pg";
import type { Log } from "../domain/log.ts";
import { driver } from "./driver.ts";
import { asRigError, isSerializationFailure, isUnreachable } from "./errors.ts";
import { TidyClient } from "./tidy-client.ts";

const CONNECT_MS = 5_000;
const STATEMENT_MS = 10_000; // the server's own limit
const ANSWER_MS = 12_000; // ours, for a server that is frozen or unplugged
const IDLE_IN_TRANSACTION_MS = 15_000;
const MAX_TRIES = 8; // of one transaction that others were in the way of

export interface DatabaseOptions {
  /** postgres://user@host:port/database */
  readonly url: string;
  /** Wins over one in the URL. */
  readonly password?: string | undefined;
  readonly tls?: ConnectionOptions | undefined;
  readonly log: Log;
  /** Connections of this process at most. */
  readonly maxConnections?: number;
}

/** Where statements are run: the database, or one transaction in it. */
export interface Queryable {
  /** Rows of one statement. 64-bit integers come as numbers, instants as ms since the epoch. */
  query<Row>(sql: string, values?: readonly unknown[], options?: { timeoutMs?: number }): Promise<Row[]>;
}

/** A PostgreSQL and its pool of connections. A lost one never crashes the process: the next call connects anew. */
export interface Database extends Queryable {
  /**
   * Runs `work` in one READ COMMITTED transaction; all or nothing. Runs it again, from its start, where another
   * transaction was in the way, so `work` does nothing else than SQL.
   * @throws RigError DATABASE_UNREACHABLE; where that happens during the commit it may have been applied
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Resolves when all connections are closed. Safe to repeat. */
  close(): Promise<void>;
}

/** Opens no connection yet. */
export function openDatabase({ url, password, tls, log, maxConnections = 10 }: DatabaseOptions): Database {
  const pool = new driver.Pool({
    ...connectionConfig(url, password, tls),
    Client: TidyClient,
    max: maxConnections,
    idleTimeoutMillis: 30_000,
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  });
  pool.on("error", (error) => log.warn({ err: error }, "idle database connection lost"));
  // A connection in use tells of its loss here, too: unheard it would end the process. The next statement fails.
  pool.on("connect", (client) => client.on("error", (error) => log.debug({ err: error }, "database connection lost")));
  let closed: Promise<void> | undefined;

  async function withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    try {
      client = await pool.connect();
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      client?.release(isUnreachable(error)); // true: closed, not reused
      throw asRigError(error);
    }
  }

  return {
    query: (sql, values, options) => withClient((client) => run(client, sql, values, options)),
    transaction: (work) => withClient((client) => transaction(client, work)),
    close: () => {
      closed ??= pool.end();
      return closed;
    },
  };
}

/** How to connect with the pg package, the password put in where the URL has none. */
export function connectionConfig(url: string, password?: string, tls?: ConnectionOptions): pg.ClientConfig {
  const target = new URL(url);
  if (password !== undefined) target.password = encodeURIComponent(password); // beside a URL pg ignores a password of its own
  return {
    connectionString: target.href,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    application_name: "rig",
    types: { getTypeParser },
    ...(tls === undefined ? {} : { ssl: tls }),
  };
}

async function transaction<T>(client: pg.PoolClient, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const tx: Queryable = { query: (sql, values, options) => run(client, sql, values, options) };
  for (let tries = 1; ; tries++)
    try {
      await client.query("begin");
      const result = await work(tx);
      await client.query("commit");
      return result;
    } catch (error) {
      if (isUnreachable(error)) throw error;
      await client.query("rollback");
      if (!isSerializationFailure(error) || tries === MAX_TRIES) throw error;
    }
}

async function run<Row>(
  client: pg.PoolClient,
  sql: string,
  values: readonly unknown[] = [],
  { timeoutMs }: { timeoutMs?: number } = {},
): Promise<Row[]> {
  const config = { text: sql, values: [...values], ...(timeoutMs === undefined ? {} : { query_timeout: timeoutMs }) };
  const { rows } = await client.query(config);
  return rows as Row[];
}

const INT8 = 20;
const NUMERIC = 1700;
const TIMESTAMPTZ = 1184;

/** 64-bit counts fit a number up to 9 PB or 285,000 years; instants become ms since the epoch. */
function getTypeParser(oid: number, format?: "text" | "binary") {
  if (format !== "binary" && (oid === INT8 || oid === NUMERIC)) return Number;
  const parse = driver.types.getTypeParser(oid, format as "text");
  return oid === TIMESTAMPTZ ? (text: string) => (parse(text) as Date).getTime() : parse;
}
