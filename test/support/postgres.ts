import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRigError } from "../../src/domain/errors.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/embedded/postgres/start-embedded-postgres.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { freePort } from "./free-port.ts";
import { silentLog } from "./silent-log.ts";

/** Starts a PostgreSQL of the embedded binaries in a temporary folder, without fsync; the URL holds the password. */
export async function startPostgres(): Promise<{ adminUrl: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "rig-test-pg-"));
  const server = await startOnFreePort(folder);
  const password = await readFile(server.passwordFile, "utf8");
  return {
    adminUrl: server.url.replace("rig@", `rig:${password}@`).replace(/\/rig$/, "/postgres"),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startOnFreePort(folder: string): Promise<EmbeddedPostgres> {
  for (let tries = 1; ; tries++)
    try {
      const port = await freePort();
      return await startEmbeddedPostgres({ folder, port, clock: systemClock, log: silentLog, durable: false });
    } catch (error) {
      if (!isRigError(error, "PORT_IN_USE") || tries === 5) throw error;
    }
}
