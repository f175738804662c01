import { isRigError } from "../../domain/errors.ts";
import { choosePort } from "../../runtime/free-port.ts";
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from "./start-embedded-postgres.ts";

const AGAIN_MS = 1_000; // between an end that nobody asked for and the next start, and between failed starts
const PORT_TRIES = 5;

/** A PostgreSQL that is there again, on the same port, a second after somebody killed it. */
export interface KeptPostgres extends Pick<EmbeddedPostgres, "url" | "passwordFile" | "port"> {
  /** Ends it cleanly, and for good. Resolves after it has ended. Safe to repeat. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL and keeps it running; for port 0 on a free one.
 * @throws RigError as startEmbeddedPostgres does, at the first start alone
 */
export async function keepPostgres(asked: EmbeddedPostgresOptions): Promise<KeptPostgres> {
  const { clock, log } = asked;
  const stopping = new AbortController();
  let running: EmbeddedPostgres = asked.port === 0 ? await startOnFreePort(asked) : await startEmbeddedPostgres(asked);
  const options = { ...asked, port: running.port };

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

/** PostgreSQL can't take a free port itself, and one that was free may be taken before it listens: then on another. */
async function startOnFreePort(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  for (let tries = 1; ; tries++) {
    const port = await choosePort({ port: 0, host: "127.0.0.1", explicit: false, setting: "databasePort" });
    try {
      return await startEmbeddedPostgres({ ...options, port });
    } catch (error) {
      if (tries === PORT_TRIES || !isRigError(error, "PORT_IN_USE")) throw error;
    }
  }
}
