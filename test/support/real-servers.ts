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
    tryToStart("etcd", etcdServer),
    tryToStart("PostgreSQL", postgresServer),
  ]);
  project.provide("etcdEndpoint", etcd?.url ?? null);
  project.provide("postgresUrl", postgres?.url ?? null);
  return async () => {
    await Promise.all([etcd?.stop(), postgres?.stop()]);
  };
}

async function etcdServer(): Promise<Started | null> {
  const { startEtcd } = await import("./etcd.ts");
  const server = await startEtcd();
  return server && { url: server.endpoint, stop: server.stop };
}

async function postgresServer(): Promise<Started> {
  const { startPostgres } = await import("./postgres.ts");
  const { adminUrl, stop } = await startPostgres();
  return { url: adminUrl, stop };
}

async function tryToStart(name: string, start: () => Promise<Started | null>): Promise<Started | null> {
  try {
    return await start();
  } catch (error) {
    process.stderr.write(`no ${name} for this run: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  }
}
