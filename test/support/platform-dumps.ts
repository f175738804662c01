import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { request as askPlain } from "node:http";
import { request as askTls } from "node:https";
import { join } from "node:path";
import { etcdClient } from "../../src/etcd/client.ts";
import type { TestPlatform } from "./platform.ts";
import { withDatabase } from "./platform-database.ts";

/** A place and all that it holds. */
export type Dump = readonly (readonly [where: string, what: Buffer | string])[];

/** Files of the data folder that are there to hold a secret. */
const MEANT_FOR_SECRETS = /^(operator-token|seal-keys|postgres\/password|tls\/[^/]+\.key)$/;

/** Every row of every table, bytes in hex, and the statements that are shown as running. */
export const dumpDatabase = (platform: Pick<TestPlatform, "status">): Promise<Dump> =>
  withDatabase(platform, async (database) => {
    const tables = await database.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    );
    const dump: [string, string][] = [];
    for (const { name } of tables) {
      const rows = await database.query<{ row: string }>(`select t::text as row from "${name}" t`);
      dump.push([`table ${name}`, rows.map(({ row }) => row).join("\n")]);
    }
    const statements = await database.query<{ query: string }>("select query from pg_stat_activity");
    return [...dump, ["pg_stat_activity", statements.map(({ query }) => query).join("\n")]];
  });

/** Every key of the store and its value. */
export async function dumpEtcd({ status }: Pick<TestPlatform, "status">): Promise<Dump> {
  const etcd = etcdClient({ endpoints: status.etcd.endpoints });
  try {
    const { entries } = await etcd.list("/");
    return entries.map(({ key, value }) => [`etcd ${key}`, Buffer.concat([Buffer.from(key), value])]);
  } finally {
    await etcd.close();
  }
}

/** Every file of the data folder as its bytes are, the databases' and logs' too, but for those that hold secrets on purpose. */
export async function dumpFiles({ folder }: Pick<TestPlatform, "folder">): Promise<Dump> {
  const data = join(folder, ".rig");
  const found = await readdir(data, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const dump = paths
    .map((path) => path.slice(data.length + 1))
    .filter((path) => !MEANT_FOR_SECRETS.test(path))
    .map(async (path) => [path, await readFile(join(data, path)).catch(() => "")] as const); // gone meanwhile
  return Promise.all(dump);
}

/** What anybody is told by HTTP. */
export async function dumpPages({ status }: Pick<TestPlatform, "status">): Promise<Dump> {
  const ca = readFileSync(status.caFile, "utf8");
  const pages = ["/", "/heartbeat", "/livez", "/readyz", "/metrics", "/v1/streams", "/v1/users"];
  const urls = [status.server.url, status.agent.url, status.streamService.url].flatMap((base) =>
    pages.map((page) => base + page),
  );
  return Promise.all(urls.map(async (url) => [url, await textOf(url, ca)] as const));
}

function textOf(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { ca, agent: false };
    const asked = (url.startsWith("https:") ? askTls : askPlain)(url, options, async (answer) => {
      let text = JSON.stringify(answer.headers);
      for await (const chunk of answer) text += String(chunk);
      resolve(text);
    });
    asked.once("error", reject);
    asked.end();
  });
}
