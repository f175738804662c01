import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { changedSettings } from "../config/changed-settings.ts";
import type { LoadedSettings } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
import { createDatabase } from "../db/create-database.ts";
import { openDatabase } from "../db/database.ts";
import { migrate } from "../db/migrate.ts";
import type { Log } from "../domain/log.ts";
import type { PlatformState, RigStatus } from "../domain/rig-status.ts";
import { allEnded } from "../runtime/all-ended.ts";
import { systemClock } from "../runtime/clock.ts";
import { lockFolder } from "../runtime/folder-lock.ts";
import { systemIds } from "../runtime/ids.ts";
import type { Part } from "../runtime/lifecycle.ts";
import { prepareDataFolder, stateFile } from "../runtime/state-file.ts";
import { openTlsFolder } from "../runtime/tls/tls-folder.ts";
import { joinCoordination } from "./coordination.ts";
import { type DatabasePlace, endLeftovers, hasDatabase, openDatabasePlace, openEtcdPlace } from "./embedded-stores.ts";
import { choosePorts, withLoopbackDefaults } from "./platform-settings.ts";
import { keepSealKeys, keepSecret, operatorTokenFile, tokenSecretFile } from "./private-secrets.ts";
import { redisAccess } from "./redis-place.ts";
import { startAgent } from "./run-agent.ts";
import { startServer } from "./run-server.ts";
import { startWorker } from "./run-worker.ts";
import type { RunningRole } from "./running-role.ts";

/** What runs so far, in the order in which it is to be stopped, and what ends it early. */
export interface Platform {
  readonly parts: readonly Part[];
  readonly status: RigStatus;
  /** Rejects when a part ended that should not have. */
  readonly broken: Promise<never>;
}

const LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "::1"];

/**
 * Starts the whole platform on one machine. `parts` is filled while it starts, last started first, so that a start that
 * fails halfway can be undone.
 * @throws RigError with what kept it from starting
 */
export async function startPlatform(loaded: LoadedSettings, parts: Part[], log: Log): Promise<Platform> {
  const started = <T extends { readonly part: Part | null }>(place: T): T => {
    if (place.part) parts.unshift(place.part);
    return place;
  };
  const began = (part: Part) => void parts.unshift(part);

  const { dataFolder } = loaded.settings;
  await prepareDataFolder(dataFolder);
  const unlock = await lockFolder(dataFolder);
  const state = stateFile<PlatformState>(dataFolder);
  began({ name: "data folder", stop: () => state.remove().then(unlock) });
  await state.remove(); // a killed platform's says where things were

  await endLeftovers(loaded.settings, log);
  const { settings, movedPorts } = await choosePorts({ ...loaded, settings: withLoopbackDefaults(loaded) });
  const tls = await openTlsFolder(join(dataFolder, "tls"), systemClock);
  const token = settings.apiToken ?? (await keepSecret(operatorTokenFile(dataFolder), () => randomText(24)));
  const tokenSecret = settings.tokenSecret ?? (await keepSecret(tokenSecretFile(dataFolder), () => randomText(32)));
  const sealKeys = settings.sealKeys ?? (await keepSealKeys(dataFolder, await hasDatabase(settings), newSealKey));
  const agentId = settings.agentId ?? agentIdOf(hostname());

  const [databasePlace, etcdPlace] = await allEnded([
    openDatabasePlace(settings, log).then(started),
    openEtcdPlace(settings, log).then(started),
  ]);
  const database = await openMigrated(databasePlace, log);
  began({ name: "database connections", stop: () => database.close() });
  const coordination = await joinCoordination(etcdPlace.address, `${agentId}:${systemIds.ulid()}`, log);
  began({ name: "etcd lease", stop: () => coordination.close() });

  const hosts = hostsOf(settings);
  const serverTls = await tls.credentialFor({ kind: "server", name: "server", hosts });
  const server = await startServer({
    database,
    coordination,
    sealKeys,
    operatorToken: token,
    tokenSecret,
    tls: serverTls,
    settings,
    log,
  });
  began(server);
  const worker = await startWorker({ database, coordination, settings, log });
  began(worker);
  const agentTls = await tls.credentialFor({ kind: "agent", name: agentId, hosts });
  const serverUrl = `https://${reachable(settings.serverHost)}:${new URL(server.facts.api).port}`;
  const agent = await startAgent({ agentId, serverUrl, tls: agentTls, coordination, settings, log });
  began(agent);

  const redis = await redisAccess(settings);
  const status: RigStatus = {
    roles: { server: "ready", worker: "ready", agent: "ready" },
    server: { url: serverUrl },
    worker: { url: worker.facts.url },
    agent: { url: agent.facts.apiUrl },
    streamService: { url: server.facts.streamService ?? "" },
    ingest: { url: settings.publishUrl ?? agent.facts.publishUrl },
    etcd: { endpoints: etcdPlace.endpoints },
    database: databasePlace.shown,
    viewerTokens: redis ? { store: "redis", url: redis.url } : { store: "etcd", url: etcdPlace.endpoints.join(",") },
    movedPorts,
    caFile: tls.caFile,
  };
  await state.write({ ...status, redis, settings: changedSettings(loaded) });
  return { parts, status, broken: brokenBy([server, worker, agent], etcdPlace.failed) };
}

function brokenBy(roles: readonly RunningRole<unknown>[], failed: Promise<unknown>): Promise<never> {
  const ended = roles.map(({ name, ended }) => ended.then(() => Promise.reject(new Error(`${name} ended`))));
  return Promise.race([...ended, failed.then((reason) => Promise.reject(reason))]);
}

/** The names in the certificates. */
const hostsOf = ({ serverHost }: Settings): string[] =>
  [...new Set([...LOOPBACK_HOSTS, hostname(), serverHost])].filter((host) => host !== "0.0.0.0" && host !== "::");

async function openMigrated({ options }: DatabasePlace, log: Log) {
  await createDatabase(options);
  const database = openDatabase({ ...options, log });
  try {
    const applied = await migrate(database);
    if (applied.length > 0) log.info({ applied }, "database migrated");
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

const randomText = (bytes: number): string => randomBytes(bytes).toString("base64url");

const newSealKey = (): string => `${systemIds.ulid()}:${randomBytes(32).toString("base64")}`;

/** An agent id of a host's name: what an id may not hold becomes a dash, and it begins with a letter or digit. */
const agentIdOf = (host: string): string =>
  host
    .replace(/[^A-Za-z0-9._-]/g, "-")
    .replace(/^[._-]+/, "")
    .slice(0, 64) || "agent";

/** An address to connect to, where every one is listened on. */
const reachable = (host: string): string =>
  host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
