import type { Redis } from "ioredis";
import { type Connection, mastersOf } from "./connection.ts";

const MOST_TOGETHER = 8; // Redis works on the first while the next are made

/**
 * Lets the calls of one turn of the event loop leave in few writes: one is a sixth of what a call costs here, and Redis syncs
 * its log once for all that it reads at once. Call it before each call.
 */
export function fewWrites(connection: Connection): () => void {
  let held: readonly Redis["stream"][] = [];
  let calls = 0;
  const release = () => {
    for (const stream of held) stream.uncork();
    held = [];
    calls = 0;
  };
  return () => {
    if (calls === MOST_TOGETHER) release();
    calls += 1;
    if (calls > 1) return;
    held = mastersOf(connection).flatMap(({ stream }) => stream ?? []); // none before it connects for the first time
    for (const stream of held) stream.cork();
    setImmediate(release);
  };
}
