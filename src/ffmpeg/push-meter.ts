import type { Clock } from "../domain/clock.ts";
import type { PushEnd, PushProgress } from "../services/relay-push.ts";
import type { ProgressReport } from "./progress.ts";

/** Turns ffmpeg's reports into what a try has sent. */
export interface PushMeter {
  take(report: ProgressReport): void;
  sums(): Pick<PushEnd, "healthy" | "egressBytes" | "egressSeconds">;
}

const HEALTHY_MS = 10_000; // a push that still moved this long after it began was healthy
const RATE_MS = 5000; // the rate is that of the last seconds
const REPORT_MS = 900; // at most once a second, where ffmpeg reports twice
const SPEED_AFTER_SECONDS = 0.5; // of media: ffmpeg's first speeds are 0 or 1000
const AHEAD_SECONDS = 10; // media may be this much ahead of the clock; a publisher's wild timestamps are not billed

/** @param onProgress called once bytes move, then at most once a second */
export function pushMeter(clock: Clock, onProgress: (progress: PushProgress) => void): PushMeter {
  let bytes = 0;
  let mediaSeconds = 0;
  let firstMovedAt: number | null = null;
  let lastMovedAt = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;
  let marks: { readonly at: number; readonly bytes: number }[] = [];

  const bpsAt = (now: number): number => {
    marks = [...marks.filter(({ at }, index) => now - at <= RATE_MS || index === marks.length - 1), { at: now, bytes }];
    const [oldest] = marks;
    return oldest && now > oldest.at ? Math.round(((bytes - oldest.bytes) * 8000) / (now - oldest.at)) : 0;
  };

  return {
    take({ totalBytes, mediaSeconds: reported, speed, dropFrames }) {
      const now = clock.monotonic();
      if (totalBytes === null || totalBytes === 0) return;
      if (totalBytes > bytes) {
        firstMovedAt ??= now;
        lastMovedAt = now;
      }
      bytes = Math.max(bytes, totalBytes);
      const wallSeconds = (now - (firstMovedAt ?? now)) / 1000;
      mediaSeconds = Math.max(mediaSeconds, Math.min(reported ?? 0, wallSeconds + AHEAD_SECONDS));
      if (now - reportedAt < REPORT_MS) return;
      reportedAt = now;
      onProgress({
        egressBytes: bytes,
        egressSeconds: mediaSeconds,
        bps: bpsAt(now),
        speed: mediaSeconds < SPEED_AFTER_SECONDS ? null : speed,
        lostFrames: dropFrames,
      });
    },
    sums: () => ({
      healthy: firstMovedAt !== null && lastMovedAt - firstMovedAt >= HEALTHY_MS,
      egressBytes: bytes,
      egressSeconds: mediaSeconds,
    }),
  };
}
