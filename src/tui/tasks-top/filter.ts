import { filterParser, type Value } from "../live/filter.ts";
import { type Line, stateOf } from "./line.ts";

/** The names that a filter may use: `kind=mail age>10m`. What a line has not, it does not pass. */
export const FIELDS = {
  state: (line) => stateOf(line).word,
  kind: (line) => kindsOf(line).join(" "),
  worker: (line) => (line.is === "worker" ? line.worker.workerId : taskOf(line)?.workerId),
  task: (line) => taskOf(line)?.id,
  try: (line) => taskOf(line)?.attempt,
  age: (line, now) => startedAt(line, (at) => (now - at) / 1000),
  progress: (line) => taskOf(line)?.progress?.percent,
  ready: (line) => (line.is === "kind" ? line.kind.ready : undefined),
  running: (line) => (line.is === "kind" ? line.kind.running : undefined),
  delayed: (line) => (line.is === "kind" ? line.kind.delayed : undefined),
  dead: (line) => (line.is === "kind" ? line.kind.dead : undefined),
} as const satisfies Record<string, (line: Line, now: number) => Value | null>;

/** Reads a filter; a bare word is looked for in kinds, ids, workers and notes. */
export const parseFilter = filterParser<Line>({
  fields: FIELDS as Record<string, (line: Line, now: number) => Value>,
  texts: (line) => {
    const task = taskOf(line);
    const worker = line.is === "worker" ? line.worker.workerId : task?.workerId;
    return [...kindsOf(line), worker, task?.id, task?.progress?.note, task?.reason];
  },
});

const taskOf = (line: Line) => (line.is === "task" ? line.task : undefined);

function kindsOf(line: Line): readonly string[] {
  if (line.is === "kind") return [line.kind.kind];
  return line.is === "task" ? [line.task.kind] : (line.worker.kinds ?? []);
}

function startedAt(line: Line, read: (at: number) => number): number | undefined {
  const at = line.is === "worker" ? line.worker.startedAt : taskOf(line)?.startedAt;
  return at === null || at === undefined ? undefined : read(at);
}
