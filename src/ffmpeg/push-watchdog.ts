import type { RelayPhase } from "./relay-log.ts";

/** What the watchdog looks at, once a second. */
export interface Watched {
  readonly phase: RelayPhase;
  /** Bytes that left ffmpeg in this try. */
  readonly egressBytes: number;
  /** The publisher as the ingest counts it; null while it is not known there. */
  readonly source: { readonly bytesIn: number; readonly hasVideo: boolean } | null;
}

export interface WatchdogLimits {
  /** A source that sends, but no video. */
  readonly noVideoMs: number;
  /** A source that sends video, and nothing of it reaches the relay: longer than any sane key frame interval. */
  readonly inputMs: number;
  /** From the input's first frame until the destination has accepted the publish. */
  readonly connectMs: number;
  /** Bytes out stand still while the ingest's move. */
  readonly stalledMs: number;
}

export const WATCHDOG_LIMITS: WatchdogLimits = { noVideoMs: 5000, inputMs: 30_000, connectMs: 15_000, stalledMs: 8000 };

export type Verdict = "no video" | "source gone" | "timeout" | "stalled";

const LATE_TICK_MS = 3000; // this process (or machine) stood still: what was measured meanwhile says nothing
const SOURCE_ACTIVE_MS = 3000; // the ingest is polled every 1-2 s: bytes that moved this lately count as moving

/** Judges one try by what moves, on a monotonic clock. Feed it once a second; the first verdict is final. */
export function pushWatchdog(
  limits: WatchdogLimits,
  startedAt: number,
): (now: number, watched: Watched) => Verdict | null {
  let lastTickAt = startedAt;
  let last: Watched = { phase: "input", egressBytes: 0, source: null };
  let sourceMovedAt = Number.NEGATIVE_INFINITY;
  let waitedMs = 0; // in the present phase, as far as it counts
  let noVideoMs = 0;

  const judge = (watched: Watched): Verdict | null => {
    if (watched.phase === "input" && noVideoMs >= limits.noVideoMs) return "no video";
    if (watched.phase === "input") return waitedMs >= limits.inputMs ? "source gone" : null;
    if (watched.phase === "connecting") return waitedMs >= limits.connectMs ? "timeout" : null;
    return waitedMs >= limits.stalledMs ? "stalled" : null;
  };

  return (now, watched) => {
    const tickMs = now - lastTickAt;
    const late = tickMs > LATE_TICK_MS;
    const moved = watched.phase !== last.phase || watched.egressBytes > last.egressBytes;
    if (watched.source && watched.source.bytesIn > (last.source?.bytesIn ?? 0)) sourceMovedAt = now;
    if (late) sourceMovedAt = Number.NEGATIVE_INFINITY;
    const active = now - sourceMovedAt < SOURCE_ACTIVE_MS;
    const counts = active || watched.phase === "connecting";
    waitedMs = late || moved || !counts ? 0 : waitedMs + tickMs;
    noVideoMs = late || !watched.source || watched.source.hasVideo ? 0 : noVideoMs + (active ? tickMs : 0);
    lastTickAt = now;
    last = { ...watched, source: watched.source ?? last.source };
    return judge(watched);
  };
}
