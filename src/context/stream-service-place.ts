import type { Settings } from "../config/settings.ts";
import { RigError } from "../domain/errors.ts";
import { Secret } from "../domain/secret.ts";
import { systemClock } from "../runtime/clock.ts";
import type { ServerTls } from "../runtime/http/listen.ts";
import { pairFaultOf } from "../runtime/tls/credential.ts";
import type { StreamPlace } from "../server/stream-listener.ts";
import { isLoopbackPeer, trustedPeers } from "../server/trusted-peers.ts";
import { readPemOf } from "./setting-file.ts";

type Place = Pick<Settings, "streamServiceHost" | "streamServicePort" | "streamServiceProxies">;

/**
 * Where the stream service listens in plain HTTP.
 * @throws RigError INVALID_SETTING off loopback, where no proxy is declared
 */
export function plainStreamPlace({
  streamServiceHost: host,
  streamServicePort: port,
  ...settings
}: Place): StreamPlace {
  const { streamServiceProxies: proxies } = settings;
  const place = { host, port, tls: null, isProxied: proxies.length > 0 };
  if (host === "localhost" || isLoopbackPeer(host)) return { ...place, isTrusted: () => true };
  if (proxies.length === 0)
    throw new RigError("INVALID_SETTING", `streamServiceHost ${host} is not loopback: there it takes no plain HTTP`, {
      hint: "Set TLS_CERT and TLS_KEY, or name the proxy that ends TLS before it: STREAM_SERVICE_PROXIES=10.0.0.7",
    });
  return { ...place, isTrusted: trustedPeers(proxies) };
}

/**
 * Where the stream service listens when it is alone: over TLS where a certificate is set, else in plain HTTP.
 * @throws RigError INVALID_SETTING
 */
export async function loneStreamPlace(settings: Settings): Promise<StreamPlace> {
  const { streamServiceHost: host, streamServicePort: port, streamServiceProxies: proxies } = settings;
  const tls = await certificateOf(settings);
  if (tls === null) return plainStreamPlace(settings);
  return { host, port, tls, isTrusted: () => true, isProxied: proxies.length > 0 };
}

async function certificateOf(settings: Settings): Promise<ServerTls | null> {
  const certificate = await readPemOf(settings, "tlsCert");
  const key = await readPemOf(settings, "tlsKey");
  if (certificate === null && key === null) return null;
  if (certificate === null) throw bad("tlsCert is not set, and tlsKey is", "TLS_CERT");
  if (key === null) throw bad("tlsKey is not set, and tlsCert is", "TLS_KEY");
  const credential = { certificate, privateKey: new Secret(key) };
  const fault = pairFaultOf(credential, systemClock);
  if (fault !== null) throw bad(`tlsCert: ${settings.tlsCert} cannot be used: ${fault}`, "TLS_CERT and TLS_KEY");
  return credential;
}

const bad = (message: string, variables: string): RigError =>
  new RigError("INVALID_SETTING", message, { hint: `Set ${variables}; \`rig config show\` lists every setting.` });
