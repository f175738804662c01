import { join } from "node:path";
import type { Settings } from "../config/settings.ts";
import type { DatabaseOptions } from "../db/database.ts";
import type { Log } from "../domain/log.ts";
import type { RigStatus } from "../domain/rig-status.ts";
import { serveGrpc } from "../embedded/etcd/grpc-server.ts";
import { inProcessTransport } from "../embedded/etcd/in-process.ts";
import type { EmbeddedStore } from "../embedded/etcd/store.ts";
import { keepPostgres } from "../embedded/postgres/keep-postgres.ts";
import { endLeftPostgres, hasPostgresData } from "../embedded/postgres/start-embedded-postgres.ts";
import type { EtcdAddress } from "../etcd/connection.ts";
import { systemClock } from "../runtime/clock.ts";
import type { Part } from "../runtime/lifecycle.ts";
import { databasePlace, etcdPlace } from "./places.ts";
import { readSecret } from "./private-secrets.ts";
import { openStoreOf } from "./run-etcd.ts";

/** The PostgreSQL of a platform: its own, or the one that the settings name. */
export interface DatabasePlace {
  readonly options: Pick<DatabaseOptions, "url" | "password">;
  readonly shown: RigStatus["database"];
  readonly part: Part | null;
}

/** Ends what a killed platform left running in the data folder, before its ports are asked for. @throws RigError ALREADY_RUNNING */
export async function endLeftovers({ databaseUrl, dataFolder }: Settings, log: Log): Promise<void> {
  if (databaseUrl === null) await endLeftPostgres({ folder: postgresFolder(dataFolder), clock: systemClock, log });
}

/** True where an earlier start of this data folder made a database. */
export const hasDatabase = async ({ databaseUrl, dataFolder }: Settings): Promise<boolean> =>
  databaseUrl === null && hasPostgresData(postgresFolder(dataFolder));

const postgresFolder = (dataFolder: string): string => join(dataFolder, "postgres");

export async function openDatabasePlace(settings: Settings, log: Log): Promise<DatabasePlace> {
  if (settings.databaseUrl !== null) {
    const options = await databasePlace(settings);
    const shown = new URL(options.url);
    shown.password = "";
    return { options, shown: { url: shown.href, passwordFile: null }, part: null };
  }
  const folder = postgresFolder(settings.dataFolder);
  const { url, passwordFile, stop } = await keepPostgres({
    folder,
    port: settings.databasePort,
    clock: systemClock,
    log,
  });
  const password = await readSecret(passwordFile);
  return {
    options: { url, password: password?.open() },
    shown: { url, passwordFile },
    part: { name: "postgresql", stop },
  };
}

/** The etcd of a platform: the embedded store, asked in process, or the one that the settings name. */
export interface EtcdPlace {
  readonly address: EtcdAddress;
  readonly endpoints: readonly string[];
  readonly part: Part | null;
  /** Resolves, with the reason, when the embedded store had to stop; never for another one. */
  readonly failed: Promise<unknown>;
}

export async function openEtcdPlace(settings: Settings, log: Log): Promise<EtcdPlace> {
  if (settings.etcdEndpoints.length > 0) {
    const address = await etcdPlace(settings);
    return { address, endpoints: address.endpoints, part: null, failed: new Promise(() => {}) };
  }
  const store = await openStoreOf(settings, log);
  try {
    return await serve(store, settings.etcdPort);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function serve(store: EmbeddedStore, port: number): Promise<EtcdPlace> {
  const listener = await serveGrpc(store, { host: "127.0.0.1", port });
  const endpoints = [`http://127.0.0.1:${listener.port}`];
  return {
    address: { endpoints, transport: inProcessTransport(store) },
    endpoints,
    failed: store.failed,
    part: {
      name: "etcd store",
      async stop() {
        await listener.close();
        await store.close();
      },
    },
  };
}
