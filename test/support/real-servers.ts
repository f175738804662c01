import { existsSync } from "node:fs";
import type {} from "vitest";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** `127.0.0.1:PORT` of the run's etcd; null where no etcd is installed. */
    etcdEndpoint: string | null;
    /** URL of the run's PostgreSQL for its administrator; null where there is none. */
    postgresUrl: string | null;
  }
}

interface Started {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts one real etcd and one PostgreSQL for the whole run. What is missing is said and provided as null, never an error. */
export default async function realServers(project: TestProject): Promise<() => Promise<void>> {
  const [etcd, postgres] = await Promise.all([
    tryToStart("etcd", "./etcd.ts", "startEtcd"),
    tryToStart("PostgreSQL", "./postgres.ts", "startPostgres"),
  ]);
  project.provide("etcdEndpoint", etcd?.url ?? null);
  project.provide("postgresUrl", postgres?.url ?? null);
  return async () => {
    await Promise.all([etcd?.stop(), postgres?.stop()]);
  };
}

/** The starters are imported late, so that a run without one of the two servers needs nothing of it. */
async function tryToStart(name: string, file: string, starter: string): Promise<Started | null> {
  try {
    const path = new URL(file, import.meta.url);
    if (!existsSync(path)) return null;
    const module = (await import(path.href)) as Record<string, () => Promise<Record<string, unknown>>>;
    const server = await module[starter]?.();
    if (!server) return null;
    const url = server.endpoint ?? server.adminUrl;
    if (typeof url !== "string") throw new Error(`${starter}() answered neither endpoint nor adminUrl`);
    return { url, stop: server.stop as () => Promise<void> };
  } catch (error) {
    process.stderr.write(`no ${name} for this run: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  }
}
