import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createDatabase } from "../../src/db/create-database.ts";
import { type Database, openDatabase } from "../../src/db/database.ts";
import { startEmbeddedPostgres } from "../../src/embedded/postgres/start-embedded-postgres.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { freePort } from "../support/free-port.ts";
import { emptyDatabase } from "../support/fresh-database.ts";
import { silentLog } from "../support/silent-log.ts";
import { until } from "../support/until.ts";

const cleanup: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

function open(url: string, password?: string, log = silentLog): Database {
  const database = openDatabase({ url, password, log, maxConnections: 5 });
  cleanup.push(() => database.close());
  return database;
}

const UNREACHABLE = { code: "DATABASE_UNREACHABLE" };

describe.concurrent("openDatabase", () => {
  it("gives 64-bit integers as numbers and instants as ms", async () => {
    const fresh = await emptyDatabase();
    cleanup.push(fresh.drop);

    const [row] = await fresh.database.query(
      "select 9007199254740991::bigint as bytes, sum(1::bigint) as total, $1::timestamptz as at, null::timestamptz as never",
      [new Date(1_763_812_800_123)],
    );

    expect(row).toEqual({ bytes: Number.MAX_SAFE_INTEGER, total: 1, at: 1_763_812_800_123, never: null });
  });

  it("rolls back a transaction that throws", async () => {
    const fresh = await emptyDatabase();
    cleanup.push(fresh.drop);
    const { database } = fresh;
    await database.query("create table t (n int)");

    const failing = database.transaction(async (tx) => {
      await tx.query("insert into t values (1)");
      throw new Error("no");
    });

    await expect(failing).rejects.toThrow("no");
    expect(await database.query("select n from t")).toEqual([]);
  });

  it("runs a transaction again that was in a deadlock, so both are applied", async () => {
    const fresh = await emptyDatabase();
    cleanup.push(fresh.drop);
    const { database } = fresh;
    await database.query("create table t (id int primary key, n int); insert into t values (1, 0), (2, 0)");
    let waiting = 0;
    let meet = () => {};
    const both = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const raise = (first: number, second: number) =>
      database.transaction(async (tx) => {
        await tx.query("update t set n = n + 1 where id = $1", [first]);
        if (++waiting === 2) meet();
        await both;
        await tx.query("update t set n = n + 1 where id = $1", [second]);
      });

    await Promise.all([raise(1, 2), raise(2, 1)]);

    expect(await database.query("select n from t order by id")).toEqual([{ n: 2 }, { n: 2 }]);
    expect(waiting).toBeGreaterThan(2); // one of the two went again
  });

  it.each([
    ["nothing listens", async () => `postgres://rig@127.0.0.1:${await freePort()}/rig`],
    ["the host is unknown", async () => "postgres://rig@nowhere.invalid:5432/rig"],
    ["the database is not there", async () => (await emptyUrl()).replace(/test_\w+$/, "test_missing")],
    ["the password is wrong", async () => (await emptyUrl()).replace(/:[^:@]+@/, ":wrong@")],
  ])("says DATABASE_UNREACHABLE where %s", async (_, url) => {
    await expect(open(await url()).query("select 1")).rejects.toMatchObject(UNREACHABLE);
  });

  it("gives up on a server that takes the connection and says nothing", async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanup.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    });
    const { port } = server.address() as { port: number };

    await expect(open(`postgres://rig@127.0.0.1:${port}/rig`).query("select 1")).rejects.toMatchObject(UNREACHABLE);
  });

  it("outlives its PostgreSQL: killed under idle connections and in a transaction, then back", async () => {
    const folder = await mkdtemp(join(tmpdir(), "rig-db-"));
    cleanup.push(() => rm(folder, { recursive: true, force: true }));
    const options = { folder, port: await freePort(), clock: systemClock, log: silentLog };
    const first = await startEmbeddedPostgres(options);
    cleanup.push(() => first.stop());
    const password = await readFile(first.passwordFile, "utf8");
    expect(await createDatabase({ url: first.url, password })).toBe(true);
    expect(await createDatabase({ url: first.url, password })).toBe(false);
    const lost: object[] = [];
    const database = open(first.url, password, { ...silentLog, debug: (fields) => lost.push(fields) });
    await Promise.all([1, 2, 3].map(() => database.query("select pg_sleep(0.05)"))); // three idle connections

    const cut = database.transaction(async (tx) => {
      await tx.query("select 1");
      process.kill(first.pid, "SIGKILL");
      await first.ended;
      await until(() => lost.length > 0, { what: "the loss is noticed between two statements" });
      await tx.query("select 2");
    });

    await expect(cut).rejects.toMatchObject(UNREACHABLE);
    await expect(database.query("select 1")).rejects.toMatchObject(UNREACHABLE);
    const second = await startEmbeddedPostgres(options);
    cleanup.push(() => second.stop());
    expect(await database.query("select 1 as one")).toEqual([{ one: 1 }]);
  });
});

async function emptyUrl(): Promise<string> {
  const fresh = await emptyDatabase();
  cleanup.push(fresh.drop);
  return fresh.url;
}

describe("createDatabase", () => {
  it("makes the database once where four ask for it at the same time", async () => {
    const url = (await emptyUrl()).replace(/test_(\w+)$/, 'made "$1"');
    const name = decodeURIComponent(new URL(url).pathname.slice(1));
    const { database } = await fresh();
    cleanup.push(() => database.query(`drop database "${name.replaceAll('"', '""')}" with (force)`));

    const made = await Promise.all([1, 2, 3, 4].map(() => createDatabase({ url })));

    expect(made.filter((one) => one)).toHaveLength(1);
    expect(await open(url).query("select current_database() as name")).toEqual([{ name }]);
  });

  it("is content with a database that is there, for a role that may enter no other", async () => {
    const { database, url } = await fresh();
    const name = new URL(url).pathname.slice(1);
    const mine = new URL(url);
    [mine.username, mine.password] = [name, "secret"];
    await database.query(`create role ${name} login password 'secret'`);
    await database.query("revoke connect on database postgres from public");
    cleanup.push(() => database.query(`grant connect on database postgres to public; drop role ${name}`));

    expect(await createDatabase({ url: mine.href })).toBe(false);
    mine.pathname = "/missing";
    await expect(createDatabase({ url: mine.href })).rejects.toMatchObject(UNREACHABLE);
  });

  it("says DATABASE_UNREACHABLE where nothing listens", async () => {
    const url = `postgres://rig@127.0.0.1:${await freePort()}/rig`;

    await expect(createDatabase({ url })).rejects.toMatchObject(UNREACHABLE);
  });
});

async function fresh() {
  const made = await emptyDatabase();
  cleanup.push(made.drop);
  return made;
}
