import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";

/** What the process was told. `kill` never comes before `drain`. */
export interface StopSignals {
  /** SIGTERM, SIGINT or SIGHUP came: take no new work and finish. */
  readonly drain: AbortSignal;
  /** A second one came: end now. */
  readonly kill: AbortSignal;
  /** Leaves the signals to Node again. */
  release(): void;
}

const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Turns the first stop signal into `drain` and the second into `kill`, and says so in the log. */
export function listenForStop(log: Log): StopSignals {
  const drain = new AbortController();
  const kill = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    if (!drain.signal.aborted) {
      log.info({ signal }, "stopping");
      drain.abort();
    } else if (!kill.signal.aborted) {
      log.warn({ signal }, "told to stop again: ending now");
      kill.abort();
    }
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  return {
    drain: drain.signal,
    kill: kill.signal,
    release() {
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
    },
  };
}

/** Something that runs and can be stopped. */
export interface Part {
  readonly name: string;
  /** Resolves when it has ended. */
  stop(): Promise<void>;
}

interface StopOrder {
  /** For all parts together. */
  readonly deadlineMs: number;
  /** Aborted: wait for nothing more. */
  readonly kill: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Stops the parts one after another, in the order given; each is told to stop, whatever became of those before it.
 * @returns the names of those that failed to or had not stopped by the deadline. Never rejects.
 */
export async function stopInOrder(
  parts: readonly Part[],
  { deadlineMs, kill, clock, log }: StopOrder,
): Promise<string[]> {
  const startedAt = clock.monotonic();
  const late: string[] = [];
  for (const { name, stop } of parts) {
    const partStartedAt = clock.monotonic();
    const timer = new AbortController();
    const outcome = await Promise.race([
      stop().then(
        () => "stopped" as const,
        (error: unknown) => ({ error }),
      ),
      clock
        .sleep(startedAt + deadlineMs - partStartedAt, AbortSignal.any([kill, timer.signal]))
        .then(() => "late" as const),
    ]);
    timer.abort();
    const tookMs = Math.round(clock.monotonic() - partStartedAt);
    if (outcome === "stopped") log.info({ part: name, tookMs }, "stopped");
    else {
      late.push(name);
      if (outcome === "late") log.warn({ part: name, tookMs }, "not stopped in time");
      else log.error({ part: name, err: outcome.error }, "failed to stop");
    }
  }
  return late;
}

/** A signal for work that only its own end ends. */
export const neverAborted = (): AbortSignal => new AbortController().signal;

/** Ends the process at once, for the case that something was left behind which would keep it alive. */
export function exitNow(code: number): never {
  process.exit(code);
}
