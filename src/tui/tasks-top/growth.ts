import type { TaskOverview } from "../../domain/task-status.ts";

/** How many open tasks each kind had at an instant (ms since epoch). */
export interface Sample {
  readonly at: number;
  readonly open: ReadonlyMap<string, number>;
}

const WINDOW_MS = 10_000; // long enough that a batch is not a trend

/** The samples with a new one, without those that are too old. */
export function withSample(samples: readonly Sample[], { kinds }: TaskOverview, at: number): readonly Sample[] {
  const open = new Map(kinds.map(({ kind, ready, running, delayed }) => [kind, ready + running + delayed]));
  return [...samples.filter((sample) => at - sample.at <= WINDOW_MS && sample.at < at), { at, open }];
}

/** By how many open tasks a kind grew a second over the samples; null where there are not two. */
export function growthOf(samples: readonly Sample[], kind: string): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at <= first.at) return null;
  return ((last.open.get(kind) ?? 0) - (first.open.get(kind) ?? 0)) / ((last.at - first.at) / 1000);
}
