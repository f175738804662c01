/** Time as it is handed to everything that needs it; tests hand in one that they turn by hand. */
export interface Clock {
  /** Milliseconds since the epoch; may jump. For instants that are shown or stored. */
  now(): number;
  /** Milliseconds on a clock that never jumps; for durations and deadlines. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A number in [0, 1), as Math.random gives it. */
export type Random = () => number;
