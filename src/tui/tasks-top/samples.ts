import type { BusyWorker, TaskOverview, WorkerTally } from "../../domain/task-status.ts";

/** What is kept of each snapshot: how many open tasks each kind had, and what each worker had ended. */
export interface Sample {
  /** Ms since the epoch, by the clock of who looks. */
  readonly at: number;
  readonly open: ReadonlyMap<string, number>;
  readonly tallies: ReadonlyMap<string, WorkerTally>;
}

/** Ends a second. */
export interface Rates {
  readonly done: number;
  readonly failed: number;
}

const WINDOW_MS = 10_000; // long enough that a batch is not a trend
const TOLD_LATE_MS = 4_000; // two beats of a worker's lease, at which it tells

/** The samples with a new one, without those that are too old. */
export function withSample(
  samples: readonly Sample[],
  { kinds, workers }: TaskOverview,
  at: number,
): readonly Sample[] {
  const open = new Map(kinds.map(({ kind, ready, running, delayed }) => [kind, ready + running + delayed]));
  const tallies = new Map(workers.flatMap(({ workerId, tally }) => (tally ? [[workerId, tally]] : [])));
  return [...samples.filter((sample) => at - sample.at <= WINDOW_MS && sample.at < at), { at, open, tallies }];
}

/** By how many open tasks a kind grew a second over the samples; null where there are not two. */
export function growthOf(samples: readonly Sample[], kind: string): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at <= first.at) return null;
  return ((last.open.get(kind) ?? 0) - (first.open.get(kind) ?? 0)) / ((last.at - first.at) / 1000);
}

/** How many tasks of a kind (null: of all) a worker ended a second over the samples; null where there are not two of it. */
export function ratesOf(samples: readonly Sample[], workerId: string, kind: string | null): Rates | null {
  const last = samples.at(-1);
  const first = samples.find(({ tallies }) => tallies.has(workerId));
  const [before, after] = [first?.tallies.get(workerId), last?.tallies.get(workerId)];
  if (!first || !last || !before || !after || last.at <= first.at) return null;
  const seconds = secondsBetween(last.at - first.at, after.at - before.at);
  const grew = (read: (rates: Rates) => number) => (sum(after, kind, read) - sum(before, kind, read)) / seconds;
  return { done: grew(({ done }) => done), failed: grew(({ failed }) => failed) };
}

/** What all workers together end a second, of a kind (null: of all); null where none is known yet. */
export function allRates(
  samples: readonly Sample[],
  workers: readonly BusyWorker[],
  kind: string | null,
): Rates | null {
  const known = workers.flatMap(({ workerId }) => ratesOf(samples, workerId, kind) ?? []);
  if (known.length === 0) return null;
  return known.reduce((all, { done, failed }) => ({ done: all.done + done, failed: all.failed + failed }));
}

/** A worker at work tells at each beat: then its own times are exact. One that rested meanwhile told long ago. */
const secondsBetween = (seenMs: number, toldMs: number): number =>
  (Math.abs(toldMs - seenMs) <= TOLD_LATE_MS && toldMs > 0 ? toldMs : seenMs) / 1_000;

const sum = ({ kinds }: WorkerTally, kind: string | null, read: (rates: Rates) => number): number =>
  Object.entries(kinds).reduce(
    (total, [each, ended]) => (kind === null || each === kind ? total + read(ended) : total),
    0,
  );
