import type { Settings } from "../config/settings.ts";
import type { DatabaseOptions } from "../db/database.ts";
import { RigError } from "../domain/errors.ts";
import type { PlatformState } from "../domain/rig-status.ts";
import type { Secret } from "../domain/secret.ts";
import type { EtcdAddress } from "../etcd/connection.ts";
import { stateFile } from "../runtime/state-file.ts";
import { configuredEtcd } from "./etcd-address.ts";
import { readSecret, sealKeysFile, tokenSecretFile } from "./private-secrets.ts";

/** How to reach the PostgreSQL of the settings, else that of the platform that runs here. @throws RigError NOT_RUNNING */
export async function databasePlace(settings: Settings): Promise<Pick<DatabaseOptions, "url" | "password">> {
  if (settings.databaseUrl !== null)
    return { url: settings.databaseUrl.open(), password: settings.databasePassword?.open() };
  const { database } = await runningPlatform(settings, "DATABASE_URL");
  const password = database.passwordFile === null ? null : await readSecret(database.passwordFile);
  return { url: database.url, password: password?.open() };
}

/**
 * How to reach the etcd of the settings, else the store of the platform that runs here.
 * @param otherwise what to set where none runs
 * @throws RigError NOT_RUNNING, INVALID_SETTING
 */
export async function etcdPlace(settings: Settings, otherwise = "ETCD_ENDPOINTS"): Promise<EtcdAddress> {
  if (settings.etcdEndpoints.length > 0) return configuredEtcd(settings);
  const { etcd } = await runningPlatform(settings, otherwise);
  return { endpoints: etcd.endpoints };
}

/** The keys that seal destination keys: the setting, else what `rig up` made. @throws RigError INVALID_SETTING */
export async function sealKeysOf({ sealKeys, dataFolder }: Settings): Promise<Secret> {
  const keys = sealKeys ?? (await readSecret(sealKeysFile(dataFolder)));
  if (keys !== null) return keys;
  throw new RigError("INVALID_SETTING", "sealKeys is not set", {
    hint: "Set SEAL_KEYS_FILE; `rig up` makes keys of its own in its data folder.",
  });
}

/** The secret of viewer sessions: the setting, else what `rig up` made; null where there is neither. */
export const tokenSecretOf = async ({ tokenSecret, dataFolder }: Settings): Promise<Secret | null> =>
  tokenSecret ?? readSecret(tokenSecretFile(dataFolder));

/** The platform that runs on the settings' data folder; null where none does. @throws RigError DATA_FOLDER */
export async function platformHere({ dataFolder }: Settings): Promise<PlatformState | null> {
  const run = await stateFile<PlatformState>(dataFolder).read();
  return run?.running ? run.state : null;
}

async function runningPlatform(settings: Settings, otherwise: string): Promise<PlatformState> {
  const platform = await platformHere(settings);
  if (platform !== null) return platform;
  throw new RigError("NOT_RUNNING", `no platform runs on ${settings.dataFolder}`, {
    hint: `Start one with \`rig up\`, name its folder with --data, or set ${otherwise}.`,
  });
}
