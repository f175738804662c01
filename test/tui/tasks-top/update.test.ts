import { describe, expect, it } from "vitest";
import type { BusyWorker, TaskOverview } from "../../../src/domain/task-status.ts";
import { lineId, stateOf } from "../../../src/tui/tasks-top/line.ts";
import { initialModel, selectedLine, type TasksModel } from "../../../src/tui/tasks-top/model.ts";
import { type TasksEvent, update } from "../../../src/tui/tasks-top/update.ts";
import { someKind, someTask, someTasks } from "../../support/screen/some-tasks.ts";

const NOW = 1_700_000_000_000;
const MAIL = "kind/mail";
const REPORT = "kind/report";
const WORKER = "worker/edge-a:1";
const LONG = "task/01J0000000000000000000000A";
const SHORT = "task/01J0000000000000000000000B";

/** The model after some events, and everything it asked of the world meanwhile. */
function play(model: TasksModel, ...events: (TasksEvent | string)[]) {
  const effects = [];
  let present = model;
  for (const event of events) {
    const step = update(present, typeof event === "string" ? { kind: "key", key: event } : event);
    present = step.model;
    effects.push(...step.effects);
  }
  return { model: present, effects };
}

const loaded = (data: TaskOverview, now = NOW): TasksEvent => ({ kind: "loaded", data, now });
const empty = initialModel({ size: { columns: 80, rows: 24 }, now: NOW, intervalMs: 1000 });
const full = play(empty, loaded(someTasks(NOW))).model;

const chosen = (model: TasksModel): string | null => {
  const line = selectedLine(model);
  return line && lineId(line);
};
const shown = ({ rows }: TasksModel) => rows.flatMap((row) => (row.is === "heading" ? [] : [lineId(row)]));

describe("moving", () => {
  it.each<[string[], string]>([
    [[], MAIL],
    [["j"], REPORT],
    [["j", "j"], WORKER], // over a heading
    [["j", "j", "k"], REPORT],
    [["k"], MAIL], // the first row is a heading
    [["G"], SHORT],
    [["G", "g", "g"], MAIL],
    [["pagedown"], SHORT],
    [["G", "pageup"], MAIL],
  ])("by %j chooses %s", (keys, line) => {
    expect(chosen(play(full, ...keys).model)).toBe(line);
  });

  it("chooses nothing where nothing is there", () => {
    expect(chosen(play(empty, "j", "G", "k").model)).toBeNull();
  });

  it("keeps the same line chosen when new data moves it, and its neighbour when it is gone", () => {
    const { model } = play(full, "j", "j", "j");
    const data = someTasks(NOW);

    const moved = play(model, loaded({ ...data, kinds: [someKind("a"), ...data.kinds] })).model;
    const gone = play(model, loaded({ ...data, running: data.running.slice(1) })).model;

    expect([chosen(model), chosen(moved), chosen(gone)]).toEqual([LONG, LONG, SHORT]);
  });

  it("shows a worker no more, and its tasks no longer as running, when it is gone", () => {
    const data = { ...someTasks(NOW), running: [], workers: [] };

    expect(shown(play(full, loaded(data)).model)).toEqual([MAIL, REPORT]);
  });

  it("keeps the chosen line in sight among more than fit", () => {
    const running = Array.from({ length: 100 }, (_, n) => someTask(`t${n}`, NOW + n));
    const { model } = play(empty, loaded({ ...someTasks(NOW), running }), "G");

    expect(chosen(model)).toBe("task/t99");
    expect(model.rows.length - model.top).toBe(20); // 24 rows: heading 2, keys 1, one for ink
  });
});

describe("the list", () => {
  it.each<[string[], string[]]>([
    [[], [LONG, SHORT]],
    [["I"], [SHORT, LONG]],
    [["s"], [LONG, SHORT]], // by kind
    [
      ["s", "s", "s"],
      [SHORT, LONG],
    ], // by try
  ])("after %j has tasks in the order %j", (keys, tasks) => {
    expect(shown(play(full, ...keys).model).slice(3)).toEqual(tasks);
  });

  it.each<[string, string[]]>([
    ["report", [REPORT, WORKER, SHORT]],
    ["kind=mail", [MAIL, WORKER, LONG]],
    ["age>1m", [WORKER, LONG]],
    ["try>1", [SHORT]],
    ["dead>0", [MAIL]],
    ["sending", [LONG]],
    ["progress<50 kind=mail", [LONG]],
    ["nobody", []],
  ])("filtered by %j has %j", (text, lines) => {
    expect(shown(play(full, "/", ...text, "enter").model)).toEqual(lines);
  });

  it("says which fields there are where a filter names another", () => {
    expect(play(full, "/", ..."colour=red", "enter").model.draftProblem).toContain('no field "colour": state kind');
  });

  it("shows how fast open tasks grow in number, over ten seconds", () => {
    const ready = (count: number) => ({ ...someTasks(NOW), kinds: [someKind("mail", { ready: count })] });
    const growth = (model: TasksModel) => model.rows.flatMap((row) => (row.is === "kind" ? [row.growth] : []));

    const first = play(empty, loaded(ready(1000), NOW)).model;
    const second = play(first, loaded(ready(980), NOW + 2_000)).model;
    const later = play(second, loaded(ready(980), NOW + 11_000), loaded(ready(1010), NOW + 12_000)).model;

    expect(growth(first)).toEqual([null]);
    expect(growth(second)).toEqual([-10]);
    expect(growth(later)).toEqual([3]); // since the sample of 2 s: the first one is too old
  });

  describe("how much its workers end a second", () => {
    type Told = [workerId: string, atMs: number, done: number, failed?: number];
    const saw = (atMs: number, ...told: Told[]): TasksEvent => {
      const workers = told.map(([workerId, toldMs, done, failed = 0]): BusyWorker => {
        const tally = { at: toldMs, kinds: { mail: { done, failed }, report: { done: 1_000, failed: 0 } } };
        return { workerId, kinds: null, concurrency: 4, startedAt: 0, running: 0, tally };
      });
      return loaded({ kinds: [someKind("mail"), someKind("tidy")], running: [], workers }, NOW + atMs);
    };
    const rates = (...events: TasksEvent[]) => {
      const { rows } = play(empty, ...events).model;
      return rows.flatMap((row) => (row.is === "kind" || row.is === "worker" ? [row.rates] : []));
    };
    const none = { done: 0, failed: 0 };

    it("is known once a worker has told twice", () => {
      expect(rates(saw(0, ["w1", 0, 5]))).toEqual([null, null, null]);
    });

    it("is counted by the worker's own times, which are not those of who looks", () => {
      const mail = { done: 50, failed: 2 };

      expect(rates(saw(0, ["w1", 70_000, 100, 3]), saw(9_000, ["w1", 80_000, 600, 23]))).toEqual([mail, none, mail]);
    });

    it("is counted by the looker's time where a worker had rested before, or rests by now", () => {
      const burst = { done: 10, failed: 0 };

      expect(rates(saw(0, ["w1", 0, 0]), saw(10_000, ["w1", 90_000, 100]))).toEqual([burst, none, burst]);
      expect(rates(saw(0, ["w1", 0, 0]), saw(10_000, ["w1", 2_000, 100]))).toEqual([burst, none, burst]);
      expect(rates(saw(0, ["w1", 0, 9]), saw(10_000, ["w1", 0, 9]))).toEqual([none, none, none]);
    });

    it("is that of all together for a kind, without one that died or came just now", () => {
      const events = [
        saw(0, ["dead", 0, 500], ["w1", 0, 0], ["w2", 0, 0]),
        saw(10_000, ["new", 10_000, 900], ["w1", 10_000, 100], ["w2", 10_000, 20, 10]),
      ];

      const [w1, w2] = [
        { done: 10, failed: 0 },
        { done: 2, failed: 1 },
      ];
      expect(rates(...events)).toEqual([{ done: 12, failed: 1 }, none, null, w1, w2]);
    });
  });

  it.each([
    ["ok", someKind("mail", { ready: 3 })],
    ["paused", someKind("mail", { dead: 1, paused: { by: "ann", at: NOW } })],
    ["dead", someKind("mail", { dead: 1 })],
    ["unserved", someKind("other", { ready: 1 })],
    ["ok", someKind("other", { delayed: 1 })],
  ])("says %s of %j", (word, kind) => {
    const { model } = play(empty, loaded({ ...someTasks(NOW), kinds: [kind] }));

    expect(stateOf(selectedLine(model)!).word).toBe(word);
  });
});

describe("acting", () => {
  it("cancels the chosen task after y alone", () => {
    const asked = play(full, "G", "x").model;

    expect(asked.asked?.words).toBe("Cancel 01J0000000000000000000000B (report)? y does");
    expect(play(asked, "y").effects).toEqual([{ kind: "cancel", taskId: "01J0000000000000000000000B" }]);
    expect(play(asked, "n")).toMatchObject({ effects: [], model: { mode: "list", message: "not cancelled" } });
  });

  it("runs the dead tasks of the chosen kind again after y alone", () => {
    expect(play(full, "r", "y").effects).toEqual([{ kind: "redrive", taskKind: "mail" }]);
    expect(play(full, "r", "q")).toMatchObject({ effects: [], model: { message: "not redriven" } });
  });

  it("pauses a kind, and resumes a paused one", () => {
    const paused = [someKind("mail", { paused: { by: "ann", at: NOW } })];

    expect(play(full, "p").effects).toEqual([{ kind: "pause", taskKind: "mail" }]);
    expect(play(full, loaded({ ...someTasks(NOW), kinds: paused }), "p").effects).toEqual([
      { kind: "resume", taskKind: "mail" },
    ]);
  });

  it.each([
    [["x"], "nothing to cancel: choose a running task"],
    [["j", "r"], "no task of kind report is dead"],
    [["G", "r"], "nothing to redrive: choose a kind"],
    [["G", "p"], "nothing to pause: choose a kind"],
  ])("by %j says %j", (keys, message) => {
    expect(play(full, ...keys)).toMatchObject({ effects: [], model: { message } });
  });
});

it("keeps what it has while frozen, and when a load fails", () => {
  const data = { ...someTasks(NOW), running: [] };

  expect(shown(play(full, "f", loaded(data, NOW + 1_000)).model)).toContain(LONG);
  const failed = play(full, { kind: "load failed", problem: "etcd is away", now: NOW + 1_000 }).model;
  expect(shown(failed)).toContain(LONG);
  expect(failed.problem).toBe("etcd is away");
});
