import { perSecond, shortDuration } from "../figures.ts";
import { type Column, idEnd, numberColumn, type SectionLook } from "../live/section-columns.ts";
import type { Line, Section } from "./line.ts";
import type { Rates } from "./samples.ts";

type Of<S extends Section> = Extract<Line, { is: S }>;

/** `+3.0`, `-120`, `0` */
const signed = (growth: number | null): string => {
  const text = growth === null ? "" : perSecond(growth);
  return growth !== null && growth > 0 && text !== "0" ? `+${text}` : text;
};

const rate = (heading: string, from: number, read: (rates: Rates) => number) => ({
  ...{ heading, width: 8, align: "right" as const, from },
  text: ({ rates }: { readonly rates: Rates | null }) => (rates === null ? "" : perSecond(read(rates))),
});

const KIND_COLUMNS: readonly Column<Of<"kind">>[] = [
  numberColumn("READY", 8, ({ kind }) => kind.ready),
  numberColumn("RUNNING", 8, ({ kind }) => kind.running),
  numberColumn("DELAYED", 8, ({ kind }) => kind.delayed),
  numberColumn("DEAD", 7, ({ kind }) => kind.dead),
  rate("DONE/S", 60, ({ done }) => done),
  rate("FAILED/S", 70, ({ failed }) => failed),
  { heading: "GROWTH/S", width: 9, align: "right", from: 92, text: ({ growth }) => signed(growth) },
];

const WORKER_COLUMNS: readonly Column<Of<"worker">>[] = [
  { heading: "KINDS", width: 20, align: "left", from: 76, text: ({ worker }) => worker.kinds?.join(" ") ?? "all" },
  {
    ...{ heading: "RUNNING", width: 9, align: "right", from: 0 },
    text: ({ worker }) => `${worker.running}/${worker.concurrency}`,
  },
  rate("DONE/S", 60, ({ done }) => done),
  rate("FAILED/S", 70, ({ failed }) => failed),
  {
    ...{ heading: "AGE", width: 6, align: "right", from: 0 },
    text: ({ worker }, now) => shortDuration(now - worker.startedAt),
  },
];

const TASK_COLUMNS: readonly Column<Of<"task">>[] = [
  { heading: "KIND", width: 10, align: "left", from: 0, text: ({ task }) => task.kind },
  { heading: "WORKER", width: 9, align: "left", from: 64, text: ({ task }) => idEnd(task.workerId ?? "", 9) },
  {
    ...{ heading: "TRY", width: 5, align: "right", from: 0 },
    text: ({ task }) => `${task.attempt}/${task.maxAttempts ?? "?"}`,
  },
  {
    ...{ heading: "AGE", width: 6, align: "right", from: 0 },
    text: ({ task }, now) => (task.startedAt === null ? "" : shortDuration(now - task.startedAt)),
  },
  {
    ...{ heading: "PROGRESS", width: 15, align: "left", from: 76 },
    text: ({ task }) => (task.progress ? `${task.progress.percent}% ${task.progress.note}` : ""),
  },
];

const LOOKS: { readonly [S in Section]: SectionLook<Of<S>> } = {
  kind: { name: "KIND", columns: KIND_COLUMNS, nameOf: ({ kind }) => kind.kind },
  worker: { name: "WORKER", columns: WORKER_COLUMNS, nameOf: ({ worker }, width) => idEnd(worker.workerId, width) },
  task: { name: "RUNNING TASK", columns: TASK_COLUMNS, nameOf: ({ task }, width) => idEnd(task.id, width) },
};

/** How the lines of a section look. */
export const lookOf = (section: Section): SectionLook<never> => LOOKS[section];
