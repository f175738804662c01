import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from "./start-embedded-postgres.ts";

const AGAIN_MS = 1_000; // between an end that nobody asked for and the next start, and between failed starts

/** A PostgreSQL that is there again, on the same port, a second after somebody killed it. */
export interface KeptPostgres extends Pick<EmbeddedPostgres, "url" | "passwordFile" | "port"> {
  /** Ends it cleanly, and for good. Resolves after it has ended. Safe to repeat. */
  stop(): Promise<void>;
}

/** Starts PostgreSQL and keeps it running. @throws RigError as startEmbeddedPostgres does, at the first start alone */
export async function keepPostgres(options: EmbeddedPostgresOptions): Promise<KeptPostgres> {
  const { clock, log } = options;
  const stopping = new AbortController();
  let running: EmbeddedPostgres = await startEmbeddedPostgres(options);

  const keep = async () => {
    while (!stopping.signal.aborted) {
      const end = await running.ended;
      if (stopping.signal.aborted) return;
      log.error({ ...end }, "PostgreSQL ended by itself and is started again");
      await clock.sleep(AGAIN_MS, stopping.signal);
      while (!stopping.signal.aborted) {
        try {
          running = await startEmbeddedPostgres(options);
          log.info({ pid: running.pid }, "PostgreSQL runs again");
          break;
        } catch (error) {
          log.error({ err: error }, "PostgreSQL did not start");
          await clock.sleep(AGAIN_MS, stopping.signal);
        }
      }
    }
  };
  const kept = keep();

  const { url, passwordFile, port } = running;
  return {
    url,
    passwordFile,
    port,
    async stop() {
      stopping.abort();
      await running.stop();
      await kept;
      await running.stop(); // one that was just being started again
    },
  };
}
