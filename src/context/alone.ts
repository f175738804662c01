import type { LoadedSettings } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
import { checkMigrated } from "../db/check-migrated.ts";
import { type Database, openDatabase } from "../db/database.ts";
import { isRigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import { systemIds } from "../runtime/ids.ts";
import type { Part } from "../runtime/lifecycle.ts";
import { joinCoordination, observeCoordination } from "./coordination.ts";
import { databasePlace, etcdPlace, sealKeysOf, tokenSecretOf } from "./places.ts";
import { chooseWorkerPort } from "./platform-settings.ts";
import { redisPlace } from "./redis-place.ts";
import { agentOf, notSet, roleIdentity } from "./role-identity.ts";
import { startAgent } from "./run-agent.ts";
import { startServer } from "./run-server.ts";
import { startTokens } from "./run-tokens.ts";
import { startWorker } from "./run-worker.ts";
import type { RunningRole } from "./running-role.ts";
import type { Serving } from "./serve.ts";

/** One role that serves by itself, and where. */
interface Alone<Facts> extends Serving {
  readonly facts: Facts;
}

const started = <Facts>(role: RunningRole<Facts>, parts: Part[]): Alone<Facts> => {
  parts.unshift(role);
  return { facts: role.facts, broken: role.ended.then(() => Promise.reject(new Error(`${role.name} ended`))) };
};

/** `rig server` on its own. @throws RigError INVALID_SETTING for a setting that is missing */
export async function serverAlone(settings: Settings, parts: Part[], log: Log) {
  const { apiToken } = settings;
  if (apiToken === null) return notSet("apiToken", "RIG_TOKEN_FILE");
  const tls = await roleIdentity(settings, "the server's certificate");
  const sealKeys = await sealKeysOf(settings);
  const tokenSecret = await tokenSecretOf(settings);
  const database = await databaseOf(settings, parts, log);
  const coordination = observeCoordination(await etcdPlace(settings));
  parts.unshift({ name: "etcd", stop: () => coordination.close() });
  return started(
    await startServer({ database, coordination, sealKeys, operatorToken: apiToken, tokenSecret, tls, settings, log }),
    parts,
  );
}

/** `rig server --only tokens`: the stream service on its own; it needs etcd, or Redis, and nothing else. */
export async function tokensAlone(settings: Settings, parts: Part[], log: Log) {
  const inRedis = (await redisPlace(settings)) !== null;
  const coordination = inRedis ? null : observeCoordination(await etcdPlace(settings));
  if (coordination) parts.unshift({ name: "etcd", stop: () => coordination.close() });
  return started(await startTokens({ coordination, settings, log }), parts);
}

/** `rig worker` on its own. @throws RigError PORT_IN_USE for a port that was set */
export async function workerAlone(loaded: LoadedSettings, parts: Part[], log: Log) {
  const settings = await chooseWorkerPort(loaded);
  const database = await databaseOf(settings, parts, log);
  const coordination = await joinCoordination(await etcdPlace(settings), `worker:${systemIds.ulid()}`, log);
  parts.unshift({ name: "etcd lease", stop: () => coordination.close() });
  return started(await startWorker({ database, coordination, settings, log }), parts);
}

/** `rig agent` on its own; its id is the one in its certificate. @throws RigError INVALID_SETTING for a setting that is missing */
export async function agentAlone(settings: Settings, parts: Part[], log: Log) {
  const { serverUrl } = settings;
  if (serverUrl === null) return notSet("serverUrl", "SERVER_URL");
  const tls = await roleIdentity(settings, "the agent's certificate");
  const agentId = agentOf(tls, settings);
  const coordination = await joinCoordination(await etcdPlace(settings), `${agentId}:${systemIds.ulid()}`, log);
  parts.unshift({ name: "etcd lease", stop: () => coordination.close() });
  return started(await startAgent({ agentId, serverUrl, tls, coordination, settings, log }), parts);
}

/** One that is away for now is no reason not to start: whoever asks is told so until it is back. */
async function databaseOf(settings: Settings, parts: Part[], log: Log): Promise<Database> {
  const database = openDatabase({ ...(await databasePlace(settings)), log });
  parts.unshift({ name: "database connections", stop: () => database.close() });
  await checkMigrated(database).catch((error: unknown) => {
    if (!isRigError(error, "DATABASE_UNREACHABLE")) throw error;
    log.warn({ err: error }, "starting without a database");
  });
  return database;
}
