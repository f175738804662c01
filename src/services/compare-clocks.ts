import type { Clock } from "../domain/clock.ts";
import {
  type ClockStanding,
  type ComparedClock,
  clockAhead,
  clockStanding,
  isOff,
} from "../domain/clock-difference.ts";
import type { Log } from "../domain/log.ts";

/** What a server says of its clock. */
export interface SaidClock {
  readonly serverId: string;
  /** Its clock when it said so, ms since the epoch. */
  readonly at: number;
  /** How long it has run, on a clock that never jumps. */
  readonly upMs: number;
}

/** Where servers say what time it is, each over the other's word. */
export interface ClockBoard {
  /** @throws RigError where the store fails */
  say(said: SaidClock): Promise<void>;
  /** Tells each word as it comes, one's own too. Never rejects; resolves once `signal` has aborted. */
  follow(onSaid: (said: SaidClock) => void, signal: AbortSignal): Promise<void>;
}

interface CompareClocksPorts {
  readonly serverId: string;
  readonly board: ClockBoard;
  readonly clock: Clock;
  /** The clock that is compared; `clock`'s own where left out. */
  readonly now?: () => number;
  readonly log: Log;
}

/** Compares this server's clock with the others'. */
export interface ClockComparison {
  /** As of now. */
  standing(): ClockStanding;
  /** Never rejects; resolves once `signal` has aborted and nothing runs any more. */
  run(signal: AbortSignal): Promise<void>;
}

const EVERY_MS = 3_000;
const SILENT_MS = 15_000; // a server that said nothing for so long is gone
const KEPT = 4;
const NEEDED = 2; // the first may have lain there for long
const JUMP_MS = 250; // a clock that moves so much against the steady one was set

/** Makes the comparison; it compares nothing before it runs. */
export function compareClocks({ serverId, board, clock, log, now = clock.now }: CompareClocksPorts): ClockComparison {
  const startedAt = clock.monotonic();
  const upMs = () => clock.monotonic() - startedAt;
  const heard = new Map<string, HeardClock>();
  let ownOffset = now() - upMs();
  let wasOff = false;

  function hear(said: SaidClock): void {
    const known = heard.get(said.serverId);
    const offset = said.at - said.upMs;
    const isSet = known === undefined || Math.abs(offset - known.offset) > JUMP_MS;
    const lateMs = said.serverId === serverId ? upMs() - said.upMs : now() - said.at;
    const latenesses = [...(isSet ? [] : known.latenesses), lateMs].slice(-KEPT);
    heard.set(said.serverId, { ...{ offset, latenesses }, upMs: said.upMs, heardAt: clock.monotonic() });
  }

  function standing(): ClockStanding {
    const wayMs = Math.max(0, ...(heard.get(serverId)?.latenesses ?? [Number.POSITIVE_INFINITY]));
    const others = [...heard].flatMap(([id, { latenesses, ...said }]): ComparedClock[] => {
      if (id === serverId || latenesses.length < NEEDED) return [];
      const sinceMs = clock.monotonic() - said.heardAt;
      return [{ serverId: id, upMs: said.upMs + sinceMs, aheadMs: clockAhead(latenesses, wayMs) }];
    });
    return clockStanding([{ serverId, upMs: upMs(), aheadMs: 0 }, ...others]);
  }

  /** What was heard by a clock that was set since tells nothing. */
  function forgetBefore(): void {
    const offset = now() - upMs();
    if (Math.abs(offset - ownOffset) > JUMP_MS) heard.clear();
    ownOffset = offset;
    for (const [id, { heardAt }] of heard) if (clock.monotonic() - heardAt > SILENT_MS) heard.delete(id);
  }

  function report(): void {
    const { differenceMs, servers } = standing();
    const off = isOff({ differenceMs, servers });
    if (off && !wasOff) log.warn({ differenceMs, servers }, "this server's clock is off: it takes no part");
    if (!off && wasOff) log.info({ differenceMs, servers }, "this server's clock is right again");
    wasOff = off;
  }

  async function round(): Promise<void> {
    forgetBefore();
    try {
      await board.say({ serverId, at: now(), upMs: upMs() });
    } catch {
      // The store is away, which its own probe tells; what was heard before goes stale by itself.
    }
    report();
  }

  return {
    standing,
    async run(signal) {
      const following = board.follow(hear, signal);
      while (!signal.aborted) {
        await round();
        await clock.sleep(EVERY_MS, signal);
      }
      await following;
    },
  };
}

interface HeardClock {
  readonly offset: number;
  readonly upMs: number;
  /** By our own steady clock. */
  readonly heardAt: number;
  readonly latenesses: readonly number[];
}
