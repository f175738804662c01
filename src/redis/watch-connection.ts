import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import { type Connection, mastersOf } from "./connection.ts";
import { failureOf } from "./failure.ts";
import { findingsOf } from "./findings.ts";

interface WatchPorts {
  readonly clock: Clock;
  readonly log: Log;
}

/** Says when Redis goes and comes, and what is wrong with how it is set up. */
export function watchConnection(connection: Connection, { clock, log }: WatchPorts) {
  let awaySince: number | null = clock.monotonic();
  let isReported = false;
  let isClosing = false;
  let reason = "no answer yet";
  const said = new Set<string>();
  const inspect = async () => {
    const infos = await Promise.all(mastersOf(connection).map((master) => master.info()));
    for (const finding of infos.flatMap(findingsOf)) {
      if (said.has(finding)) continue;
      said.add(finding);
      log.warn({}, `redis: ${finding}`);
    }
  };
  const note = (error: unknown) => {
    reason = failureOf(error).reason;
  };
  connection.on("error", note);
  connection.on("node error", note); // a cluster's member
  connection.on("close", () => {
    const wasThere = awaySince === null;
    awaySince ??= clock.monotonic();
    if (isClosing || isReported || wasThere) return; // it may be there again at once; where it is not, that try ends so too
    log.warn({ reason }, "redis is away");
    isReported = true;
  });
  connection.on("ready", () => {
    if (isReported) log.info({ awayMs: Math.round(clock.monotonic() - (awaySince ?? 0)) }, "redis is back");
    [awaySince, isReported, reason] = [null, false, "connection lost"];
    inspect().catch((error: unknown) => log.debug({ reason: failureOf(error).reason }, "redis not inspected"));
  });
  return {
    /** It goes because we go. */
    closing(): void {
      isClosing = true;
    },
    /** How long there has been no connection; 0 where there is one. */
    awayForMs: (): number => (awaySince === null ? 0 : clock.monotonic() - awaySince),
    /** What the last try to connect failed of; null where there is a connection. */
    whyAway: (): string | null => (awaySince === null ? null : reason),
  };
}
