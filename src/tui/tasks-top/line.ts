import type { BusyWorker, KindStatus, TaskStatus } from "../../domain/task-status.ts";
import type { LineState } from "../live/health.ts";
import type { Rates } from "./samples.ts";

/** One line that can be chosen. */
export type Line =
  | {
      readonly is: "kind";
      readonly kind: KindStatus;
      /** How much faster tasks come than end, a second; null before there are two snapshots. */
      readonly growth: number | null;
      /** Null before its workers have told twice. */
      readonly rates: Rates | null;
      /** Whether a worker takes this kind. */
      readonly isServed: boolean;
    }
  | { readonly is: "worker"; readonly worker: BusyWorker; readonly rates: Rates | null }
  | { readonly is: "task"; readonly task: TaskStatus };

export type Section = Line["is"];

/** Which line is meant, whatever the order is by now. */
export const lineId = (line: Line): string => {
  if (line.is === "kind") return `kind/${line.kind.kind}`;
  return line.is === "worker" ? `worker/${line.worker.workerId}` : `task/${line.task.id}`;
};

/** The state of a line in a word, and how good that is. */
export function stateOf(line: Line): LineState {
  if (line.is === "kind") return kindState(line);
  if (line.is === "worker") {
    const { running, concurrency } = line.worker;
    return running >= concurrency ? { word: "full", health: "odd" } : { word: "live", health: "good" };
  }
  return line.task.attempt > 1 ? { word: "again", health: "odd" } : { word: "running", health: "good" };
}

function kindState({ kind, isServed }: Extract<Line, { is: "kind" }>): LineState {
  if (kind.paused) return { word: "paused", health: "odd" };
  if (!isServed && kind.ready > 0) return { word: "unserved", health: "bad" };
  return kind.dead > 0 ? { word: "dead", health: "bad" } : { word: "ok", health: "good" };
}
