/** What can become of a viewer token, or of a request for one. */
export const VIEWER_EVENTS = [
  "issued",
  "repeated", // a create that was asked again, and found its token
  "renewed",
  "stopped",
  "evicted",
  "sessionFull",
  "deviceFull",
  "contentFull",
  "expired", // a renewal of a token that does not live
  "ended", // a renewal of one that was stopped or evicted
  "failed", // the store did
] as const;

export type ViewerEvent = (typeof VIEWER_EVENTS)[number];

/** How often each event came. */
export type ViewerCounts = Readonly<Record<ViewerEvent, number>>;

/** Events that left a viewer without a token, by rule. */
export const VIEWER_REFUSALS = ["sessionFull", "deviceFull", "contentFull", "expired", "ended"] as const;

export const noViewerCounts = (): Record<ViewerEvent, number> =>
  Object.fromEntries(VIEWER_EVENTS.map((event) => [event, 0])) as Record<ViewerEvent, number>;

/** What was asked of one viewer session in a while. */
export interface BusySession {
  /** SHA-256 of its name. */
  readonly key: string;
  /** Null for a long one. */
  readonly name: string | null;
  /** At least so many; exact for all but those that took the place of others. */
  readonly operations: number;
  readonly refused: number;
  /** As its last answer had it. */
  readonly live: number;
  readonly limit: number;
}
