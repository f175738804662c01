import { createHash } from "node:crypto";
import { openSealKeys } from "../config/seal-keys.ts";
import type { Database } from "../db/database.ts";
import { destinationStore, targetStore } from "../db/destinations.ts";
import { publishStore } from "../db/publishes.ts";
import { aesSealer } from "../db/seal.ts";
import { streamStore } from "../db/streams.ts";
import { usageStore } from "../db/usage.ts";
import { userStore } from "../db/users.ts";
import type { Log } from "../domain/log.ts";
import type { Secret } from "../domain/secret.ts";
import { systemClock } from "../runtime/clock.ts";
import { systemIds } from "../runtime/ids.ts";
import type { DropOrders, LiveStatuses, PublishClaims, WantedRevisions } from "../services/coordination.ts";
import { destinationService } from "../services/destination-service.ts";
import type { Destinations } from "../services/destinations.ts";
import { dropRequests } from "../services/drop-requests.ts";
import { type LiveStreams, liveStreams } from "../services/live-streams.ts";
import { publishService } from "../services/publish-service.ts";
import type { Publishes, UsageStore } from "../services/publishes.ts";
import { type Streams, streamService } from "../services/streams.ts";
import { type Users, userService } from "../services/users.ts";

/** What the use cases need of etcd. */
export interface CoordinationPorts {
  readonly claims: Pick<PublishClaims, "find">;
  readonly wanted: Pick<WantedRevisions, "put">;
  readonly dropOrders: Pick<DropOrders, "put">;
  readonly live: Pick<LiveStatuses, "list">;
}

/** The use cases that the server and the command line share. */
export interface Services {
  readonly users: Users;
  readonly streams: Streams;
  readonly destinations: Destinations;
  readonly publishes: Publishes;
  readonly liveStreams: LiveStreams;
  readonly usage: Pick<UsageStore, "list">;
}

interface ServicePlaces {
  readonly database: Database;
  readonly coordination: CoordinationPorts;
  readonly sealKeys: Secret;
  readonly log: Log;
}

/** Puts the use cases onto one PostgreSQL and one etcd. */
export function wireServices({ database, coordination, sealKeys, log }: ServicePlaces): Services {
  const { claims, wanted, dropOrders, live } = coordination;
  const sealer = aesSealer(openSealKeys(sealKeys));
  const ports = {
    users: userStore(database),
    streams: streamStore(database),
    destinations: destinationStore(database, sealer),
    targets: targetStore(database, sealer, log),
    publishes: publishStore(database),
    usage: usageStore(database),
    claims,
    wanted,
    drops: dropRequests(claims, dropOrders),
    clock: systemClock,
    ids: systemIds,
    sha256: (text: string) => createHash("sha256").update(text).digest(),
    log,
  };
  const users = userService(ports);
  const streams = streamService(ports);
  return {
    users,
    streams,
    destinations: destinationService(ports),
    publishes: publishService(ports),
    liveStreams: liveStreams({ streams, users, live }),
    usage: ports.usage,
  };
}
