import { X509Certificate } from "node:crypto";
import { currentSecret } from "../config/current-secret.ts";
import { SETTINGS, type SettingName, type Settings } from "../config/settings.ts";
import { RigError } from "../domain/errors.ts";
import { Secret } from "../domain/secret.ts";
import type { EtcdAddress } from "../etcd/connection.ts";
import { systemClock } from "../runtime/clock.ts";
import { pairFaultOf } from "../runtime/tls/credential.ts";
import { readPemOf } from "./setting-file.ts";

/**
 * How to reach the etcd that the settings name: what would fail at every call is refused here, once.
 * @param env where the password's file is named, for it is read again at each sign-in
 * @throws RigError INVALID_SETTING that names the setting which is missing or wrong
 */
export async function configuredEtcd(settings: Settings, env?: NodeJS.ProcessEnv): Promise<EtcdAddress> {
  const tls = await tlsOf(settings);
  const user = userOf(settings, env);
  const endpoints = settings.etcdEndpoints.map((endpoint) => endpoint.replace(/\/$/, ""));
  const isSecured = tls !== null || endpoints.some((endpoint) => endpoint.startsWith("https://"));
  const plain = endpoints.find((endpoint) => endpoint.startsWith("http://"));
  if (isSecured && plain !== undefined)
    throw bad("etcdEndpoints", `: ${plain} is without TLS, which ${tls ? "etcdCa asks for" : "the others have"}`);
  return {
    endpoints: isSecured ? endpoints.map((each) => `https://${each.replace("https://", "")}`) : endpoints,
    ...(tls && { tls }),
    ...(user && { user }),
  };
}

/** Null where no file is named: an `https://` endpoint is then checked against the CAs that Node trusts. */
async function tlsOf(settings: Settings): Promise<NonNullable<EtcdAddress["tls"]> | null> {
  const files = (["etcdCa", "etcdCert", "etcdKey"] as const).map((setting) => readPemOf(settings, setting));
  const [ca, cert, key] = await Promise.all(files);
  if (!ca && !cert && !key) return null;
  if (!ca) throw bad("etcdCa", ` is not set, and ${cert ? "etcdCert" : "etcdKey"} is`);
  if (!isCertificate(ca)) throw bad("etcdCa", `: ${settings.etcdCa} holds no certificate`);
  if (!cert && !key) return { ca: Buffer.from(ca) };
  if (!key) throw bad("etcdKey", " is not set, and etcdCert is");
  if (!cert) throw bad("etcdCert", " is not set, and etcdKey is");
  const fault = pairFaultOf({ certificate: cert, privateKey: new Secret(key) }, systemClock);
  if (fault !== null) throw bad("etcdCert", `: ${settings.etcdCert} cannot be used: ${fault}`);
  return { ca: Buffer.from(ca), cert: Buffer.from(cert), key: Buffer.from(key) };
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== null;
  } catch {
    return false;
  }
}

function userOf({ etcdUser, etcdPassword }: Settings, env?: NodeJS.ProcessEnv): EtcdAddress["user"] | null {
  if (etcdUser === null && etcdPassword === null) return null;
  if (etcdUser === null) throw bad("etcdUser", " is not set, and etcdPassword is");
  if (etcdPassword === null) throw bad("etcdPassword", " is not set, and etcdUser is");
  return { username: etcdUser, password: () => currentSecret("etcdPassword", etcdPassword, env) };
}

function bad(setting: SettingName, what: string): RigError {
  const { env, type } = SETTINGS[setting];
  return new RigError("INVALID_SETTING", `${setting}${what}`, {
    hint: `Set ${type === "secret" ? `${env}_FILE` : env}; \`rig config show\` lists every setting.`,
  });
}
