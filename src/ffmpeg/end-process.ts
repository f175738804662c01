import type { Clock } from "../domain/clock.ts";

/** A child as far as it must be ended. */
export interface EndableProcess {
  /** Aborts once the process has ended. */
  readonly ended: AbortSignal;
  /** To its whole process group; no error where it is gone. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

const FLUSH_MS = 500; // a relay whose input ended flushes and exits in 7 ms; on a busy machine in some 100
const SECOND_TERM_MS = 500; // blocked in a read, ffmpeg ignores the first SIGTERM
const KILL_MS = 2000;

/**
 * Ends a relay's process: by the end of its input where `endInput` is given, then TERM, TERM, KILL. Resolves when it has ended.
 * @param endInput null where the destination hangs: there is nothing to flush to
 */
export async function endProcess(
  child: EndableProcess,
  endInput: (() => Promise<boolean>) | null,
  clock: Clock,
): Promise<void> {
  const asked = endInput?.().catch(() => false); // the ingest may be gone; the signals do without it
  await Promise.all([asked, endBySignals(child, endInput ? FLUSH_MS : 0, clock)]);
}

async function endBySignals(child: EndableProcess, flushMs: number, clock: Clock): Promise<void> {
  const lasts = async (ms: number) => {
    await clock.sleep(ms, child.ended);
    return !child.ended.aborted;
  };
  if (!(await lasts(flushMs))) return;
  child.kill("SIGTERM");
  if (!(await lasts(SECOND_TERM_MS))) return;
  child.kill("SIGTERM");
  if (!(await lasts(KILL_MS))) return;
  child.kill("SIGKILL");
  await new Promise<void>((resolve) => {
    if (child.ended.aborted) resolve();
    else child.ended.addEventListener("abort", () => resolve(), { once: true });
  });
}
