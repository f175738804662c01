import { ulid } from "ulid";
import type { Settings } from "../config/settings.ts";
import type { Log } from "../domain/log.ts";
import { embeddedIngest } from "../ingest/embedded/embedded-ingest.ts";
import { systemClock } from "../runtime/clock.ts";
import type { Ingest } from "../services/ingest.ts";

const APP = "live";

/** The media server that the settings name. */
export function openIngest({ ingestHost, ingestPort }: Settings, log: Log): Ingest {
  return embeddedIngest({
    listenHost: ingestHost,
    listenPort: ingestPort,
    app: APP,
    instance: ulid(),
    clock: systemClock,
    log,
  });
}
