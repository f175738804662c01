import { afterEach, beforeEach, expect, it } from "vitest";
import { type Database, openDatabase } from "../../src/db/database.ts";
import { userReader, userStore } from "../../src/db/users.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { type ViewerUsers, viewerUsers } from "../../src/services/viewer-users.ts";
import { entry, seedStream } from "../db/seed.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { silentLog } from "../support/silent-log.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

let fresh: FreshDatabase;
let proxy: TcpProxy;
let database: Database;
let users: ViewerUsers;
let laterMs: number;

beforeEach(async () => {
  fresh = await freshDatabase();
  const url = new URL(fresh.url);
  proxy = await tcpProxy(url.host);
  url.host = proxy.endpoint;
  database = openDatabase({ url: url.href, log: silentLog, maxConnections: 4 });
  laterMs = 0;
  const monotonic = () => systemClock.monotonic() + laterMs;
  users = viewerUsers({ read: userReader(database), clock: { ...systemClock, monotonic }, log: silentLog });
});
afterEach(async () => {
  proxy.mend();
  await database.close();
  await proxy.close();
  await fresh.drop();
});

/** Looks a user up anew, as far as the database tells; or with what code that failed. */
const tokensOf = async (idOrName: string) => {
  laterMs += 10_000;
  return users.find(idOrName).then(
    ({ quota }) => quota.viewerTokens,
    ({ code }) => code as string,
  );
};
const limit = (userId: string, viewerTokens: number) =>
  userStore(fresh.database).update(userId, { quota: { viewerTokens } }, [entry("user.quota", userId)]);

it.each(["freeze", "cut"] as const)(
  "serves what it last knew through a %s of PostgreSQL, and then what is new",
  async (fault) => {
    const { user } = await seedStream(fresh.database, "ada");
    await limit(user.id, 2);
    for (const name of ["ada", user.id]) await until(async () => (await tokensOf(name)) === 2);

    proxy[fault]();

    expect(await Promise.all(["ada", user.id, "bob"].map(tokensOf))).toEqual([2, 2, "DATABASE_UNREACHABLE"]);
    await limit(user.id, 1);
    proxy.mend();
    await until(async () => (await tokensOf("ada")) === 1);
    await until(async () => (await tokensOf("bob")) === "USER_NOT_FOUND");
  },
);
