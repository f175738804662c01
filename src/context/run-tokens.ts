import type { Settings } from "../config/settings.ts";
import type { Log } from "../domain/log.ts";
import { alongside } from "../runtime/alongside.ts";
import { systemClock } from "../runtime/clock.ts";
import { systemIds } from "../runtime/ids.ts";
import { operatorTokensOf } from "../server/operator-tokens.ts";
import { tokensRole } from "../server/tokens-role.ts";
import type { Coordination } from "./coordination.ts";
import { loneDatabase } from "./lone-database.ts";
import { loneUsers } from "./lone-users.ts";
import { tokenSecretOf } from "./places.ts";
import { type RunningRole, startRole } from "./running-role.ts";
import { loneStreamPlace } from "./stream-service-place.ts";
import { tellWhoIsRefused } from "./tell-who-is-refused.ts";
import { viewerTrail } from "./viewer-trail.ts";
import { type ViewerFacts, wireViewers } from "./wire-viewers.ts";

interface TokensPlaces {
  /** Null where viewer tokens live in Redis. */
  readonly coordination: Coordination | null;
  readonly settings: Settings;
  readonly log: Log;
}

/** Starts the stream service alone; resolves when it listens. @throws RigError PORT_IN_USE, INVALID_SETTING */
export async function startTokens({
  coordination,
  settings,
  log,
}: TokensPlaces): Promise<RunningRole<{ readonly streamService: string } & ViewerFacts>> {
  const tokenSecret = await tokenSecretOf(settings);
  const place = await loneStreamPlace(settings);
  const database = loneDatabase(settings, log);
  const { services, facts, probes, keep } = await wireViewers({
    ...{ coordination, settings, tokenSecret, log },
    ...{ audit: viewerTrail(database, log), findUser: loneUsers(database) },
  });
  tellWhoIsRefused({ apiToken: settings.apiToken, tokenSecret }, log);
  const role = tokensRole(services, {
    place,
    operatorTokens: operatorTokensOf(settings.apiToken),
    ...{ probes, clock: systemClock, log, newRequestId: systemIds.ulid },
  });
  return startRole("stream service", (ready, signal) =>
    alongside(keep, () => role.run(signal, (url) => ready({ streamService: url, ...facts }))).finally(() =>
      database.close(),
    ),
  );
}
