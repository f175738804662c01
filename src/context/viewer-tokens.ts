import { createHash, randomUUID } from "node:crypto";
import type { Settings } from "../config/settings.ts";
import { RigError } from "../domain/errors.ts";
import type { Etcd } from "../etcd/client.ts";
import { etcdViewerSessions } from "../etcd/viewer-sessions.ts";
import type { Probe } from "../runtime/http/health.ts";
import { type ViewerTokens, viewerTokens } from "../services/viewer-tokens.ts";

/** Viewer tokens that live in etcd, with the limit and life of the settings. @throws RigError INVALID_SETTING */
export function viewerTokensIn(
  etcd: Etcd,
  { tokenLimit, streamExpirySeconds, redisHost }: Pick<Settings, "tokenLimit" | "streamExpirySeconds" | "redisHost">,
): ViewerTokens {
  if (redisHost !== null)
    throw new RigError("INVALID_SETTING", "redisHost must not be set: this version keeps viewer tokens in etcd alone", {
      hint: "Leave REDIS_HOST away.",
    });
  return viewerTokens({
    store: etcdViewerSessions(etcd),
    hash: (text) => createHash("sha256").update(text).digest("hex"),
    newToken: randomUUID,
    limit: tokenLimit,
    expirySeconds: streamExpirySeconds,
  });
}

/** Asks etcd for one key, as `/readyz` of the server does. */
export const etcdProbe = (etcd: Etcd): Probe => ({
  name: "etcd",
  check: async () => void (await etcd.get(etcd.keys.leader("platform"))),
});
