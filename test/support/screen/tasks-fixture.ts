import { interruptible } from "../../../src/runtime/cli/interruptible.ts";
import { prepareScreen } from "../../../src/runtime/cli/screen.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { showTasksTop } from "../../../src/tui/show-tasks-top.tsx";
import { someTasks } from "./some-tasks.ts";

/** Runs the screen of tasks on made-up ones, in a terminal: after it cancelled one its worker dies, and then the store. */
const startedAt = Date.now();
let loadsSinceCancel = 0;
let cancelled = false;

process.stdout.write("before\n");
await interruptible(async (signal) => {
  await showTasksTop({
    load: async () => {
      if (!cancelled) return someTasks(startedAt);
      loadsSinceCancel += 1;
      if (loadsSinceCancel > 6) throw new Error("etcd does not answer");
      return { ...someTasks(startedAt), running: [], workers: [] };
    },
    cancel: async () => {
      cancelled = true;
      return "asked";
    },
    redrive: async () => 3,
    pause: async () => {
      throw new Error("not allowed");
    },
    resume: async () => true,
    clock: systemClock,
    signal,
    ...prepareScreen(),
    intervalMs: 500,
  });
  process.stdout.write("left\n");
});
