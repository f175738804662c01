import type { TaskOverview, TaskStatus } from "../../domain/task-status.ts";
import type { Filter } from "../live/filter.ts";
import { type Row, sectionRows } from "../live/sections.ts";
import type { Line, Section } from "./line.ts";
import { allRates, growthOf, ratesOf, type Sample } from "./samples.ts";

/** What `s` goes through; it sorts the running tasks. */
export const ORDERS = ["age", "kind", "worker", "try", "progress"] as const;
export type Order = (typeof ORDERS)[number];

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

// The first line shall be what is looked for: the longest, the most often tried, the least far.
const COMPARE: Readonly<Record<Order, (a: TaskStatus, b: TaskStatus) => number>> = {
  age: (a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0),
  kind: (a, b) => byText(a.kind, b.kind),
  worker: (a, b) => byText(a.workerId ?? "", b.workerId ?? ""),
  try: (a, b) => b.attempt - a.attempt,
  progress: (a, b) => (a.progress?.percent ?? 0) - (b.progress?.percent ?? 0),
};

interface RowOptions {
  readonly samples: readonly Sample[];
  readonly order: Order;
  readonly inverted: boolean;
  readonly filter: Filter<Line> | null;
  readonly now: number;
}

/** All rows: kinds, then workers, then what runs, each below a heading; none where nothing is left to choose. */
export function rowsOf(overview: TaskOverview, options: RowOptions): readonly Row<Line>[] {
  const { filter, now } = options;
  return sectionRows(sectionsOf(overview, options), (line) => filter === null || filter(line, now));
}

function sectionsOf({ kinds, workers, running }: TaskOverview, options: RowOptions): [Section, Line[]][] {
  const { samples, order, inverted } = options;
  const sign = inverted ? -1 : 1;
  const sorted = [...running].sort((a, b) => sign * COMPARE[order](a, b) || byText(a.id, b.id));
  const isServed = (kind: string) => workers.some((worker) => worker.kinds === null || worker.kinds.includes(kind));
  return [
    [
      "kind",
      kinds.map((kind) => ({
        ...{ is: "kind", kind },
        ...{ growth: growthOf(samples, kind.kind), isServed: isServed(kind.kind) },
        rates: allRates(samples, workers, kind.kind),
      })),
    ],
    ["worker", workers.map((worker) => ({ is: "worker", worker, rates: ratesOf(samples, worker.workerId, null) }))],
    ["task", sorted.map((task) => ({ is: "task", task }))],
  ];
}
