import { createHmac, hash, randomUUID } from "node:crypto";
import type { Settings } from "../config/settings.ts";
import type { AuditEntry } from "../domain/audit.ts";
import type { Log } from "../domain/log.ts";
import type { Secret } from "../domain/secret.ts";
import type { User } from "../domain/user.ts";
import { viewerRules } from "../domain/viewer-plan.ts";
import { systemClock } from "../runtime/clock.ts";
import type { Probe } from "../runtime/http/health.ts";
import { systemIds } from "../runtime/ids.ts";
import type { StreamServices } from "../server/server-services.ts";
import { viewerMetrics } from "../server/viewer-metrics.ts";
import { enterAudit } from "../services/enter-audit.ts";
import { FailureLog } from "../services/failure-log.ts";
import { LiveViewers } from "../services/live-viewers.ts";
import { loggedViewers } from "../services/logged-viewers.ts";
import { promptViewers } from "../services/prompt-viewers.ts";
import { StoreTimes, timedViewers } from "../services/time-viewers.ts";
import { notConfigured, viewerAccess } from "../services/viewer-access.ts";
import { countedViewers, ViewerCounters } from "../services/viewer-counters.ts";
import { viewerDesk } from "../services/viewer-desk.ts";
import { viewerTokens } from "../services/viewer-tokens.ts";
import { viewerUsers } from "../services/viewer-users.ts";
import type { Coordination } from "./coordination.ts";
import { longestSeconds, viewerPlace } from "./viewer-place.ts";
import { viewerServerId } from "./viewer-server-id.ts";

interface ViewerPlaces {
  /** Null where tokens are served alone, out of Redis. */
  readonly coordination: Pick<Coordination, "etcd" | "lease"> | null;
  readonly settings: Settings;
  /** Null where none is set: then there are no session secrets and no Idempotency-Key. */
  readonly tokenSecret: Secret | null;
  /** Enters what operators do. */
  readonly audit: (entry: AuditEntry) => Promise<void>;
  /** Reads the user whose quota counts, by id or username; null where there is none. */
  readonly findUser: (idOrName: string) => Promise<User | null>;
  readonly log: Log;
}

/** What the log says of the stream service as it starts. */
export interface ViewerFacts {
  /** What `rig tokens top` calls this server. */
  readonly viewerServer: string;
  readonly store: string;
  /** Of a session that has no plan. */
  readonly tokenLimit: number;
  readonly tokenExpirySeconds: number;
}

/** The stream service, of both interfaces. */
interface WiredViewers {
  readonly services: StreamServices;
  readonly facts: ViewerFacts;
  readonly probes: readonly Probe[];
  /** Runs what belongs to it beside the requests. Never rejects; resolves once `signal` has aborted and nothing runs any more. */
  keep(signal: AbortSignal): Promise<void>;
}

/** Puts the stream service onto the store of viewer sessions. @throws RigError INVALID_SETTING */
export async function wireViewers({ settings, tokenSecret, ...places }: ViewerPlaces): Promise<WiredViewers> {
  const { audit, findUser, log } = places;
  const { tokenLimit: limit, streamExpirySeconds: expirySeconds, tokenPlans } = settings;
  const serverId = viewerServerId(systemIds.ulid());
  const { store: place, where, clocks, probes, keep } = await viewerPlace({ ...places, settings, serverId });
  const failures = new FailureLog({ what: "viewer tokens", clock: systemClock, log: places.log });
  const store = loggedViewers(promptViewers(place, systemClock), failures);
  const [counters, times] = [new ViewerCounters(), new StoreTimes()];
  const longestExpiryMs = longestSeconds(settings) * 1_000;
  const live = new LiveViewers({ monotonic: systemClock.monotonic, longestExpiryMs });
  const ports = {
    ...{ hash: sha256, newToken: randomUUID },
    store: timedViewers(countedViewers(store, counters, live), times, systemClock),
  };
  const rules = viewerRules({ limit, expirySeconds }, tokenPlans);
  const sign = tokenSecret && ((text: string) => hmac(tokenSecret, text).toString("base64url"));
  return {
    services: {
      viewerTokens: viewerTokens({ ...ports, limit, expirySeconds, onNoSession: () => counters.namedNone() }),
      viewers: {
        desk: viewerDesk({ ...ports, tokenOf: tokenOf(tokenSecret), enter: enterAudit({ audit, clock: systemClock }) }),
        access: viewerAccess({ rules, sign, users: viewerUsers({ read: findUser, clock: systemClock, log }) }),
      },
      metrics: () =>
        viewerMetrics({
          ...{ counts: counters.snapshot(), live: live.count(), store: times.read() },
          clock: clocks?.standing() ?? null,
        }),
    },
    facts: { viewerServer: serverId, store: where, tokenLimit: limit, tokenExpirySeconds: expirySeconds },
    probes,
    keep: (signal) => keep(counters, signal),
  };
}

/** In one call: half of what a Hash object costs, and there are two hashes to a request. */
const sha256 = (text: string): string => hash("sha256", text, "hex");

const hmac = (secret: Secret, text: string): Buffer => createHmac("sha256", secret.open()).update(text).digest();

/** The token of an Idempotency-Key: a uuid v4 in form, the same at every server that has the same secret. */
const tokenOf = (secret: Secret | null) => (session: string, idempotencyKey: string) => {
  if (secret === null) throw notConfigured("an Idempotency-Key");
  const bytes = hmac(secret, JSON.stringify(["viewer token", session, idempotencyKey])).subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};
