import { join, resolve } from "node:path";
import type { Settings } from "../config/settings.ts";
import type { Log } from "../domain/log.ts";
import { backUpStore, type Copied, restoreStore } from "../embedded/etcd/backup.ts";
import { serveGrpc } from "../embedded/etcd/grpc-server.ts";
import { DEFAULT_LIMITS } from "../embedded/etcd/limits.ts";
import { type EmbeddedStore, openEmbeddedStore } from "../embedded/etcd/store.ts";
import { systemClock } from "../runtime/clock.ts";
import { choosePort } from "../runtime/free-port.ts";
import type { Part } from "../runtime/lifecycle.ts";
import { type EtcdFlags, readEtcdFlags } from "./etcd-flags.ts";
import type { Serving } from "./serve.ts";

/** The embedded store that serves by itself, and where. */
interface LoneEtcd extends Serving {
  readonly facts: { readonly url: string; readonly folder: string };
}

/**
 * Serves the store of a data folder alone: the same folder that `rig up` keeps its store in.
 * @throws RigError INVALID_SETTING, PORT_IN_USE that names the holder, ALREADY_RUNNING, DATA_FOLDER
 */
export async function etcdAlone(settings: Settings, flags: EtcdFlags, parts: Part[], log: Log): Promise<LoneEtcd> {
  const { host, port, tls } = await readEtcdFlags(flags, systemClock.now());
  if (port !== 0) await choosePort({ host, port, explicit: true, setting: "--listen" });
  const store = await openStoreOf(settings, log);
  parts.unshift({ name: "etcd store", stop: () => store.close() });
  const listener = await serveGrpc(store, { host, port, ...(tls && { tls }) });
  parts.unshift({ name: "etcd listener", stop: () => listener.close() });
  return {
    facts: { url: listener.url, folder: store.folder },
    broken: store.failed.then((reason) => Promise.reject(reason)),
  };
}

/** Opens the store of a data folder within its quota. @throws RigError ALREADY_RUNNING, DATA_FOLDER */
export function openStoreOf({ dataFolder, etcdQuotaMib }: Settings, log: Log): Promise<EmbeddedStore> {
  const quotaBytes = etcdQuotaMib === null ? DEFAULT_LIMITS.quotaBytes : etcdQuotaMib * 1_024 * 1_024;
  return openEmbeddedStore({ folder: join(dataFolder, "etcd"), clock: systemClock, log, quotaBytes });
}

/** Copies a data folder's store, also while it runs. @throws RigError NOT_FOUND, CONFLICT, DATA_FOLDER */
export const backUpEtcd = (dataFolder: string, target: string): Promise<Copied> =>
  backUpStore(join(dataFolder, "etcd"), resolve(target), systemClock);

/** Gives a data folder without a store that of a backup. @throws RigError NOT_FOUND, CONFLICT, DATA_FOLDER */
export const restoreEtcd = (dataFolder: string, backup: string): Promise<Copied> =>
  restoreStore(resolve(backup), join(dataFolder, "etcd"), systemClock);
