import type { TaskOverview } from "../domain/task-status.ts";
import { type LivePorts, showLiveScreen } from "./live/show-live-screen.tsx";
import type { Action } from "./tasks-top/action.ts";
import { initialModel } from "./tasks-top/model.ts";
import { TasksTop } from "./tasks-top/tasks-top.tsx";
import { update } from "./tasks-top/update.ts";

export interface TasksTopPorts extends LivePorts {
  /** What there is now. May reject: the screen says "STALE" and tries again. */
  load(): Promise<TaskOverview>;
  cancel(taskId: string): Promise<"cancelled" | "asked">;
  /** Answers how many. */
  redrive(kind: string): Promise<number>;
  pause(kind: string): Promise<unknown>;
  resume(kind: string): Promise<unknown>;
}

/** Does what was asked for; resolves with what to tell the user. */
async function perform(action: Action, ports: TasksTopPorts): Promise<string> {
  switch (action.kind) {
    case "cancel":
      return (await ports.cancel(action.taskId)) === "asked" ? "its worker was asked to stop it" : "cancelled";
    case "redrive":
      return `${await ports.redrive(action.taskKind)} of kind ${action.taskKind} run again`;
    case "pause":
      await ports.pause(action.taskKind);
      return `paused ${action.taskKind}`;
    case "resume":
      await ports.resume(action.taskKind);
      return `resumed ${action.taskKind}`;
  }
}

/**
 * Shows kinds, workers and running tasks until `q`, Ctrl-C or the signal; the terminal is then as it was before.
 * @throws what drawing threw, after the terminal was restored
 */
export const showTasksTop = (ports: TasksTopPorts): Promise<void> =>
  showLiveScreen(
    {
      begin: initialModel,
      update,
      draw: (model, onKey) => <TasksTop model={model} onKey={onKey} />,
      load: () => ports.load(),
      perform: (action) => perform(action, ports),
    },
    ports,
  );
