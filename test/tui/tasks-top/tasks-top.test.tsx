import { render } from "ink-testing-library";
import { describe, expect, it } from "vitest";
import type { TaskOverview } from "../../../src/domain/task-status.ts";
import { initialModel, type TasksModel } from "../../../src/tui/tasks-top/model.ts";
import { TasksTop } from "../../../src/tui/tasks-top/tasks-top.tsx";
import { update } from "../../../src/tui/tasks-top/update.ts";
import { someKind, someTask, someTasks } from "../../support/screen/some-tasks.ts";

const NOW = 1_700_000_000_000;

/** The lines of the screen on 80 columns and 24 rows after snapshots, the last one taken now, 10 s apart, and keys. */
function linesOf(...events: (TaskOverview | string)[]): string[] {
  let model: TasksModel = initialModel({ size: { columns: 80, rows: 24 }, now: NOW, intervalMs: 1000 });
  let now = NOW - 10_000 * (events.filter((event) => typeof event !== "string").length - 1);
  for (const event of events) {
    model = update(
      model,
      typeof event === "string" ? { kind: "key", key: event } : { kind: "loaded", data: event, now },
    ).model;
    if (typeof event !== "string" && now < NOW) now += 10_000;
  }
  const { lastFrame, unmount } = render(<TasksTop model={model} onKey={() => {}} />);
  const frame = lastFrame() ?? "";
  unmount();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
  const plain = frame.replace(/\u001b\[[0-9;]*m/g, "");
  return plain.split("\n").map((line) => line.trimEnd());
}

describe("the screen of tasks", () => {
  it("shows kinds, workers and running tasks on 80 columns", () => {
    expect(linesOf(someTasks(NOW, 250), someTasks(NOW)).slice(0, 11)).toEqual([
      "rig tasks top 1 worker  ● 2 running  1,204 ready  7 delayed  ✖ 3 dead",
      "data 0s old · every 1 s · sort age · no filter",
      "STATE      KIND (2)            READY  RUNNING  DELAYED    DEAD   DONE/S FAILED/S",
      "✖ dead     mail                1,204        2        0       3       25        0",
      "● ok       report                  0        0        7       0        0      2.5",
      "STATE      WORKER (1)    KINDS                  RUNNING   DONE/S FAILED/S    AGE",
      "● live     edge-a:1      mail report               2/16       25      2.5  1h00m",
      "STATE      RUNNING TASK (2)    KIND       WORKER      TRY    AGE PROGRESS",
      "● running  …00000000000000000A mail       edge-a:1    1/8   1:30 40% sending",
      "▲ again    …00000000000000000B report     edge-a:1    2/8     5s",
      "",
    ]);
  });

  it("stays within 23 lines of 80 cells, however many and long the things are", () => {
    const long = "x".repeat(200);
    const lines = linesOf(
      {
        kinds: Array.from({ length: 30 }, (_, n) => someKind(`${"k".repeat(38)}${n}`, { ready: 1e9 })),
        running: [someTask(long, NOW, { workerId: long, progress: { percent: 100, note: `\u001b]0;${long}\u0007` } })],
        workers: [{ workerId: long, kinds: [long, long], concurrency: 999, startedAt: 0, running: 999, tally: null }],
      },
      "G",
    );

    expect(lines).toHaveLength(23);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(80);
    expect(lines.join("")).not.toContain("\u001b]");
  });

  it.each([
    ["details of a task", ["G", "enter"], "rig tasks show 01J0000000000000000000000B"],
    ["details of a kind", ["enter"], "1,204 ready, 2 running, 0 delayed, 3 dead"],
    ["details of a worker", ["j", "j", "enter"], "2 of 16"],
    ["help", ["?"], "cancel the chosen running task"],
    ["a question", ["G", "x"], "Cancel 01J0000000000000000000000B (report)? y does"],
    ["a filter being typed", ["/", "a"], "/a▏ Enter applies"],
  ])("shows %s", (_what, keys, words) => {
    expect(linesOf(someTasks(NOW), ...keys).join("\n")).toContain(words);
  });

  it("says what to do where there is nothing", () => {
    expect(linesOf().join("\n")).toContain("Reading tasks…");
    expect(linesOf({ kinds: [], running: [], workers: [] }).join("\n")).toContain("no worker runs");
  });
});
