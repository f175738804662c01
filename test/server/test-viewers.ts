import { createHash, createHmac, randomUUID } from "node:crypto";
import type { AuditEntry } from "../../src/domain/audit.ts";
import { RigError } from "../../src/domain/errors.ts";
import { viewerRules } from "../../src/domain/viewer-plan.ts";
import type { StreamServices } from "../../src/server/server-services.ts";
import { enterAudit } from "../../src/services/enter-audit.ts";
import { viewerAccess } from "../../src/services/viewer-access.ts";
import { viewerDesk } from "../../src/services/viewer-desk.ts";
import type { ViewerSessionStore } from "../../src/services/viewer-session-store.ts";
import { viewerTokens } from "../../src/services/viewer-tokens.ts";
import type { ViewerUsers } from "../../src/services/viewer-users.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { memoryViewers } from "../support/memory-viewers.ts";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const sign = (text: string) => createHmac("sha256", "the test's token secret").update(text).digest("base64url");

const NOBODY: ViewerUsers = { find: async () => Promise.reject(new RigError("USER_NOT_FOUND", "no user")) };

/** Both interfaces of the stream service over one store, with the default limit of 3 and life of 30 s, and a plan `family`. */
export function testViewers(
  store: ViewerSessionStore = memoryViewers(fakeClock()),
  audit: (entry: AuditEntry) => Promise<void> = async () => {},
  users: ViewerUsers = NOBODY,
): StreamServices {
  const base = { limit: 3, expirySeconds: 30 };
  const family = { limit: 2, expirySeconds: 60, policy: "evict-oldest", perDevice: 1 } as const;
  const named = { limit: 1, policy: "evict-named" } as const;
  const tokenOf = (session: string, key: string) =>
    `${hash(`${session} ${key}`).slice(0, 8)}-0000-4000-8000-000000000000`;
  return {
    viewerTokens: viewerTokens({ store, hash, newToken: randomUUID, ...base }),
    viewers: {
      desk: viewerDesk({
        store,
        hash,
        newToken: randomUUID,
        tokenOf,
        enter: enterAudit({ audit, clock: fakeClock() }),
      }),
      access: viewerAccess({ rules: viewerRules(base, { family, named }), sign, users }),
    },
    metrics: () => "rig_test 1\n",
  };
}
