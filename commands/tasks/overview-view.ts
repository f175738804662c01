import type { BusyWorker, KindStatus, TaskOverview, TaskTally } from "../../src/domain/task-status.ts";
import { formatOf, type OutputFlags, printOne, printRows, type View } from "../../src/runtime/cli/output.ts";
import { writeData } from "../../src/runtime/cli/write.ts";
import { taskView } from "./task-view.ts";

const iso = (at: number) => new Date(at).toISOString();
const pausedText = ({ paused }: KindStatus): string => (paused ? `by ${paused.by} at ${iso(paused.at)}` : "-");

/** How the kinds are printed; scripts rely on the JSON. */
export const kindView: View<KindStatus> = {
  columns: [
    { head: "KIND", cell: ({ kind }) => kind },
    { head: "READY", cell: ({ ready }) => String(ready), align: "right" },
    { head: "RUNNING", cell: ({ running }) => String(running), align: "right" },
    { head: "DELAYED", cell: ({ delayed }) => String(delayed), align: "right" },
    { head: "DEAD", cell: ({ dead }) => String(dead), align: "right" },
    { head: "PAUSED", cell: pausedText },
  ],
  json: ({ paused, ...counts }) => ({ ...counts, paused: paused && { by: paused.by, at: iso(paused.at) } }),
  name: ({ kind }) => kind,
};

const tallied = ({ tally }: BusyWorker, read: (ended: TaskTally) => number): string =>
  String(Object.values(tally?.kinds ?? {}).reduce((sum, ended) => sum + read(ended), 0));

/** How the workers are printed; scripts rely on the JSON. */
export const workerView: View<BusyWorker> = {
  columns: [
    { head: "WORKER", cell: ({ workerId }) => workerId },
    { head: "KINDS", cell: ({ kinds }) => kinds?.join(", ") ?? "all" },
    { head: "RUNNING", cell: ({ running }) => String(running), align: "right" },
    { head: "CONCURRENCY", cell: ({ concurrency }) => String(concurrency), align: "right" },
    { head: "DONE", cell: (worker) => tallied(worker, ({ done }) => done), align: "right" },
    { head: "FAILED", cell: (worker) => tallied(worker, ({ failed }) => failed), align: "right" },
    { head: "SINCE", cell: ({ startedAt }) => iso(startedAt) },
  ],
  json: ({ startedAt, tally, ...worker }) => ({
    ...worker,
    startedAt: iso(startedAt),
    tally: tally && { at: iso(tally.at), kinds: tally.kinds },
  }),
  name: ({ workerId }) => workerId,
};

/** One snapshot as scripts get it; `at`: when it was taken, ms since epoch. */
const overviewView = (at: number): View<TaskOverview> => ({
  columns: [],
  json: ({ kinds, running, workers }) => ({
    at: iso(at),
    kinds: kinds.map(kindView.json),
    running: running.map(taskView.json),
    workers: workers.map(workerView.json),
  }),
  name: () => "",
});

/** Prints one snapshot: three tables, or one object. `at`: when it was taken, ms since epoch. */
export async function printOverview(overview: TaskOverview, at: number, flags: OutputFlags): Promise<void> {
  const format = formatOf(flags);
  if (format === "name") return printRows(overview.kinds, kindView, flags);
  if (format !== "table") return printOne(overview, overviewView(at), flags);
  await printRows(overview.kinds, kindView, flags);
  await writeData("\n");
  await printRows(overview.running, taskView, flags);
  await writeData("\n");
  await printRows(overview.workers, workerView, flags);
}
