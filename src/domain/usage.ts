/** Cumulative counters of one destination of one publish; they only grow. */
export interface DestinationUsage {
  readonly destinationId: string;
  readonly egressSeconds: number;
  readonly egressBytes: number;
}

/** Cumulative counters of one publish, on its agent's monotonic clock. Sending one twice changes nothing. */
export interface UsageReport {
  readonly publishId: string;
  readonly liveSeconds: number;
  readonly ingestBytes: number;
  readonly destinations: readonly DestinationUsage[];
  /** Set once the publish has ended: this is its last report. */
  readonly end: string | null;
}

/** Most reports of one request, and most destinations of one report. */
export const USAGE_LIMITS = { reports: 2_000, destinations: 256 } as const;

/** What the server answers to one report. */
export interface UsageAnswer {
  readonly publishId: string;
  /** False for a publish the server has never heard of. */
  readonly known: boolean;
  /** The stream's present revision: an agent that has seen less fetches the destinations again. */
  readonly revision: number;
  /** Why this publish must be dropped now, or null. */
  readonly drop: string | null;
  /** Live seconds of this publish that are paid for; null where there is no limit. */
  readonly creditUntilSeconds: number | null;
  readonly creditSeq: number;
}

/** What a user used in one period. */
export interface UserUsage {
  readonly userId: string;
  readonly username: string;
  /** `2026-11`: a calendar month in UTC. */
  readonly period: string;
  readonly liveSeconds: number;
  readonly ingestBytes: number;
  readonly egressSeconds: number;
  readonly egressBytes: number;
}

/** The period that an instant belongs to: its calendar month in UTC, `2026-11`. */
export const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);
