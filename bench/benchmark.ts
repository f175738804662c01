/** One figure of a benchmark. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Against the baseline that was measured in the same run; null for an absolute figure. */
  readonly ratio: number | null;
  /** The goal as it is read: `≤ 1.8×`; `-` for a figure that only explains another. */
  readonly goal: string;
  readonly met: boolean;
}

/** A benchmark: measures, with its baseline, and cleans up after itself. */
export type Benchmark = (signal: AbortSignal) => Promise<BenchRow[]>;

/** A ratio that must not exceed a limit. */
export const atMost = (name: string, value: number, unit: string, ratio: number, limit: number): BenchRow => ({
  name,
  value,
  unit,
  ratio,
  goal: `≤ ${limit}×`,
  met: ratio <= limit,
});

/** A ratio that must be reached. */
export const atLeast = (name: string, value: number, unit: string, ratio: number, limit: number): BenchRow => ({
  name,
  value,
  unit,
  ratio,
  goal: `≥ ${limit}×`,
  met: ratio >= limit,
});

/** An absolute figure that must not exceed a limit. */
export const within = (name: string, value: number, unit: string, limit: number): BenchRow => ({
  name,
  value,
  unit,
  ratio: null,
  goal: `≤ ${limit} ${unit}`,
  met: value <= limit,
});

/** A figure without a goal: a baseline, or what explains another row. */
export const noted = (name: string, value: number, unit: string): BenchRow => ({
  ...{ name, value, unit },
  ratio: null,
  goal: "-",
  met: true,
});

/** The middle of the values; 0 where there are none. */
export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
