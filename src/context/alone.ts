import { X509Certificate } from "node:crypto";
import type { Settings } from "../config/settings.ts";
import { openDatabase } from "../db/database.ts";
import { RigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import { systemClock } from "../runtime/clock.ts";
import { systemIds } from "../runtime/ids.ts";
import type { Part } from "../runtime/lifecycle.ts";
import { agentIdOf as agentIdOfCertificate } from "../runtime/tls/agent-identity.ts";
import { checkCredential, type TlsIdentity } from "../runtime/tls/credential.ts";
import { readIdentity } from "../runtime/tls/tls-folder.ts";
import { joinCoordination, observeCoordination } from "./coordination.ts";
import { databasePlace, etcdPlace, sealKeysOf } from "./places.ts";
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
  if (apiToken === null) throw missing("apiToken", "RIG_TOKEN_FILE");
  const tls = await identityOf(settings, "the server's certificate");
  const sealKeys = await sealKeysOf(settings);
  const database = openDatabase({ ...(await databasePlace(settings)), log });
  parts.unshift({ name: "database connections", stop: () => database.close() });
  const coordination = observeCoordination(await etcdPlace(settings));
  parts.unshift({ name: "etcd", stop: () => coordination.close() });
  return started(
    await startServer({ database, coordination, sealKeys, operatorToken: apiToken, tls, settings, log }),
    parts,
  );
}

/** `rig server --only tokens`: the stream service on its own; it needs etcd and nothing else. */
export async function tokensAlone(settings: Settings, parts: Part[], log: Log) {
  const coordination = observeCoordination(await etcdPlace(settings));
  parts.unshift({ name: "etcd", stop: () => coordination.close() });
  return started(await startTokens({ coordination, settings, log }), parts);
}

/** `rig worker` on its own. */
export async function workerAlone(settings: Settings, parts: Part[], log: Log) {
  const database = openDatabase({ ...(await databasePlace(settings)), log });
  parts.unshift({ name: "database connections", stop: () => database.close() });
  const coordination = await joinCoordination(await etcdPlace(settings), `worker:${systemIds.ulid()}`, log);
  parts.unshift({ name: "etcd lease", stop: () => coordination.close() });
  return started(await startWorker({ database, coordination, log }), parts);
}

/** `rig agent` on its own; its id is the one in its certificate. @throws RigError INVALID_SETTING for a setting that is missing */
export async function agentAlone(settings: Settings, parts: Part[], log: Log) {
  const { serverUrl } = settings;
  if (serverUrl === null) throw missing("serverUrl", "SERVER_URL");
  const tls = await identityOf(settings, "the agent's certificate");
  const agentId = agentIdOfCertificate(new X509Certificate(tls.certificate));
  if (agentId === null)
    throw new RigError("INVALID_SETTING", `tlsCert: ${settings.tlsCert} is not an agent's certificate`, {
      hint: "Issue one with `rig certs issue --agent ID`.",
    });
  const coordination = await joinCoordination(await etcdPlace(settings), `${agentId}:${systemIds.ulid()}`, log);
  parts.unshift({ name: "etcd lease", stop: () => coordination.close() });
  return started(await startAgent({ agentId, serverUrl, tls, coordination, settings, log }), parts);
}

async function identityOf({ tlsCert, tlsKey, tlsCa }: Settings, what: string): Promise<TlsIdentity> {
  if (tlsCert === null) throw missing("tlsCert", "TLS_CERT");
  if (tlsKey === null) throw missing("tlsKey", "TLS_KEY");
  if (tlsCa === null) throw missing("tlsCa", "TLS_CA");
  const identity = await readIdentity({ cert: tlsCert, key: tlsKey, ca: tlsCa });
  checkCredential(what, identity, systemClock);
  return identity;
}

const missing = (setting: string, variable: string): RigError =>
  new RigError("INVALID_SETTING", `${setting} is not set, and this role does not run without it`, {
    hint: `Set ${variable}; \`rig config show\` lists every setting.`,
  });
