import { createHash, randomUUID } from "node:crypto";
import type { Settings } from "../config/settings.ts";
import type { Etcd } from "../etcd/client.ts";
import { etcdViewerSessions } from "../etcd/viewer-sessions.ts";
import { systemClock } from "../runtime/clock.ts";
import type { Probe } from "../runtime/http/health.ts";
import { type ViewerTokens, viewerTokens } from "../services/viewer-tokens.ts";

/** Viewer tokens that live in etcd, with the limit and life of the settings. */
export const viewerTokensIn = (
  etcd: Etcd,
  { tokenLimit, streamExpirySeconds }: Pick<Settings, "tokenLimit" | "streamExpirySeconds">,
): ViewerTokens =>
  viewerTokens({
    store: etcdViewerSessions(etcd),
    clock: systemClock,
    hash: (text) => createHash("sha256").update(text).digest("hex"),
    newToken: randomUUID,
    limit: tokenLimit,
    expirySeconds: streamExpirySeconds,
  });

/** Asks etcd for one key, as `/readyz` of the server does. */
export const etcdProbe = (etcd: Etcd): Probe => ({
  name: "etcd",
  check: async () => void (await etcd.get(etcd.keys.leader("platform"))),
});
