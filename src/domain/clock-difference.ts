/** More than this, and a server's clock is too far off to decide when tokens end. */
export const MOST_CLOCK_DIFFERENCE_MS = 1_000;

/** One server as another one sees it. */
export interface ComparedClock {
  readonly serverId: string;
  /** Since it started, by its own count: the elder is believed. */
  readonly upMs: number;
  /** By how much one's own clock is ahead of this one's; 0 for oneself. */
  readonly aheadMs: number;
}

/** How a server's clock stands among the others'. */
export interface ClockStanding {
  /** By how much it is ahead of what the servers agree on; negative behind it. */
  readonly differenceMs: number;
  /** How many were compared, this one included. */
  readonly servers: number;
}

/**
 * What the servers agree on is the middle clock of them all; of an even number the youngest has no say, so of two the
 * elder's clock counts.
 */
export function clockStanding(clocks: readonly ComparedClock[]): ClockStanding {
  const byAge = clocks.toSorted((a, b) => b.upMs - a.upMs || (a.serverId < b.serverId ? -1 : 1));
  const heard = byAge.length % 2 === 1 ? byAge : byAge.slice(0, -1);
  const ahead = heard.map(({ aheadMs }) => aheadMs).sort((a, b) => a - b);
  return { differenceMs: ahead[ahead.length >> 1] ?? 0, servers: clocks.length };
}

/** True for a clock that is too far off. */
export const isOff = ({ differenceMs }: ClockStanding): boolean => Math.abs(differenceMs) > MOST_CLOCK_DIFFERENCE_MS;

/**
 * By how much one's own clock is ahead of another's, from when announcements of it came, none of which comes before it is
 * sent: the quickest tells most. Of what is left the way itself may have taken up to `wayMs`, which counts for nothing.
 * @param latenesses when each came, by one's own clock, less the instant that it tells; at least one
 */
export function clockAhead(latenesses: readonly number[], wayMs: number): number {
  const quickest = Math.min(...latenesses);
  return quickest < 0 ? quickest : Math.max(0, quickest - Math.max(0, wayMs));
}
