/** One figure of a benchmark. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Against the baseline that was measured in the same run; null for an absolute figure. */
  readonly ratio: number | null;
  /** The goal as it is read: `≤ 1.8×`. */
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
