import { toCells } from "../cells.ts";
import { count, shortDuration } from "../figures.ts";
import { type Health, type Line, type Section, stateOf } from "./line.ts";
import type { Rates } from "./samples.ts";

/** A sign for each, so that colour is never the only one. */
export const MARK: Readonly<Record<Health, string>> = { good: "●", odd: "▲", bad: "✖" };

interface Column<L> {
  readonly heading: string;
  readonly width: number;
  readonly align: "left" | "right";
  /** Shown on terminals at least this wide. */
  readonly from: number;
  readonly text: (line: L, now: number) => string;
}

type Of<S extends Section> = Extract<Line, { is: S }>;

const STATE_WIDTH = 10;
const MIN_NAME = 8;

/** An id in at most `width` cells by its end: neighbours' ULIDs begin alike. */
export const idEnd = (id: string, width: number): string => (id.length <= width ? id : `…${id.slice(1 - width)}`);

/** `3.0`, `-120`, `0` */
const perSecond = (rate: number): string => {
  const rounded = Math.abs(rate) < 9.95 ? rate.toFixed(1) : count(rate);
  return Number(rounded.replaceAll(",", "")) === 0 ? "0" : rounded;
};

/** `+3.0`, `-120`, `0` */
const signed = (growth: number | null): string => {
  const text = growth === null ? "" : perSecond(growth);
  return growth !== null && growth > 0 && text !== "0" ? `+${text}` : text;
};

const rate = (heading: string, from: number, read: (rates: Rates) => number) => ({
  ...{ heading, width: 8, align: "right" as const, from },
  text: ({ rates }: { readonly rates: Rates | null }) => (rates === null ? "" : perSecond(read(rates))),
});

const number = <L>(heading: string, width: number, read: (line: L) => number): Column<L> => ({
  ...{ heading, width, align: "right", from: 0 },
  text: (line) => count(read(line)),
});

const KIND_COLUMNS: readonly Column<Of<"kind">>[] = [
  number("READY", 8, ({ kind }) => kind.ready),
  number("RUNNING", 8, ({ kind }) => kind.running),
  number("DELAYED", 8, ({ kind }) => kind.delayed),
  number("DEAD", 7, ({ kind }) => kind.dead),
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

const fitting = <L>(columns: readonly Column<L>[], width: number) => columns.filter(({ from }) => width >= from);

const nameWidth = (columns: readonly { width: number }[], width: number): number =>
  Math.max(MIN_NAME, width - STATE_WIDTH - 1 - columns.reduce((sum, column) => sum + column.width + 1, 0));

const NAMES: Readonly<Record<Section, string>> = { kind: "KIND", worker: "WORKER", task: "RUNNING TASK" };

/** The columns' names of a section, `width` cells in all. */
export function headings(section: Section, width: number, lines: number): string {
  const columns: readonly Column<never>[] = fitting(columnsOf(section), width);
  const cells = columns.map(({ heading, width: cell, align }) => toCells(heading, cell, align));
  const name = `${NAMES[section]} (${count(lines)})`;
  return [toCells("STATE", STATE_WIDTH), toCells(name, nameWidth(columns, width)), ...cells].join(" ");
}

/** One line, `width` cells in all: the state in its colour, the rest plain. */
export function drawLine(line: Line, width: number, now: number): { state: string; rest: string } {
  const { word, health } = stateOf(line);
  const columns = fitting(columnsOf(line.is), width);
  const name = nameWidth(columns, width);
  const cells = columns.map((column) => toCells(column.text(line as never, now), column.width, column.align));
  const state = toCells(`${MARK[health]} ${word}`, STATE_WIDTH);
  return { state, rest: ["", toCells(nameOf(line, name), name), ...cells].join(" ") };
}

const columnsOf = (section: Section): readonly Column<never>[] =>
  ({ kind: KIND_COLUMNS, worker: WORKER_COLUMNS, task: TASK_COLUMNS })[section];

function nameOf(line: Line, width: number): string {
  if (line.is === "kind") return line.kind.kind;
  return idEnd(line.is === "worker" ? line.worker.workerId : line.task.id, width);
}
