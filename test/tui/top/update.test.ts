import { describe, expect, it } from "vitest";
import { isStale } from "../../../src/tui/live/model.ts";
import { initialModel, selectedLine, type TopModel } from "../../../src/tui/top/model.ts";
import { type TopEvent, update } from "../../../src/tui/top/update.ts";
import { manyStreams } from "../../support/screen/many-streams.ts";

const NOW = 1_700_000_000_000;

/** The model after some events, and everything it asked of the world meanwhile. */
function play(model: TopModel, ...events: (TopEvent | string)[]) {
  const effects = [];
  let present = model;
  for (const event of events) {
    const step = update(present, typeof event === "string" ? { kind: "key", key: event } : event);
    present = step.model;
    effects.push(...step.effects);
  }
  return { model: present, effects };
}

const loaded = (count: number, now = NOW): TopEvent => ({ kind: "loaded", data: manyStreams(count, now), now });
const empty = initialModel({ size: { columns: 80, rows: 24 }, now: NOW, intervalMs: 1000 });
const ten = play(empty, loaded(10), "s").model; // sorted by title; 40 lines, of which 19 are in sight

const chosen = (model: TopModel): string => {
  const line = selectedLine(model);
  return `${line?.status.title}${line?.relay ? ` ${line.relay.state}` : ""}`;
};

describe("moving", () => {
  it.each<[string[], string]>([
    [[], "Show 00000"],
    [["j"], "Show 00000 pushing"],
    [["down", "down"], "Show 00000 waiting"],
    [["j", "j", "k"], "Show 00000 pushing"],
    [["k"], "Show 00000"],
    [["G"], "Show 00009 pushing"],
    [["end", "up"], "Show 00009 waiting"],
    [["G", "g", "g"], "Show 00000"],
    [["G", "home"], "Show 00000"],
    [["pagedown"], "Show 00004 waiting"], // 18 lines down
    [["pagedown", "pageup"], "Show 00000"],
    [["g", "j"], "Show 00000 pushing"], // a lone g is no order
    [["z"], "Show 00000"],
  ])("by %j chooses %s", (keys, line) => {
    expect(chosen(play(ten, ...keys).model)).toBe(line);
  });

  it("keeps the chosen line in sight", () => {
    const { model } = play(ten, "G");

    expect(model.top).toBe(40 - 19);
  });

  it("keeps the same line chosen when new data moves it, or its neighbour when it is gone", () => {
    const third = play(ten, ...Array<string>(8).fill("j")).model;
    const later = manyStreams(10, NOW);

    const moved = play(third, { kind: "loaded", data: later.slice(1), now: NOW });
    const gone = play(third, { kind: "loaded", data: later.toSpliced(2, 1), now: NOW });

    expect(chosen(third)).toBe("Show 00002");
    expect(chosen(moved.model)).toBe("Show 00002");
    expect(chosen(gone.model)).toBe("Show 00003");
  });

  it("keeps the chosen line in sight when the terminal shrinks", () => {
    const { model } = play(ten, "pagedown", { kind: "resized", size: { columns: 80, rows: 10 } });

    expect(chosen(model)).toBe("Show 00004 waiting");
    expect(model.selected - model.top).toBeLessThan(5);
  });
});

describe("filtering", () => {
  const filtered = play(ten, "/", ..."title~0003", "enter").model;

  it("takes the filter when Enter is pressed, and says how it reads", () => {
    expect(filtered).toMatchObject({ mode: "list", filterText: "title~0003" });
    expect(filtered.arrangement.groups).toHaveLength(1);
  });

  it("types the keys that mean something else in the list", () => {
    expect(play(ten, "/", ..."xqjr", "backspace", "up").model).toMatchObject({ mode: "filter", draft: "xqj" });
  });

  it("keeps a wrong filter on the line and says what is wrong", () => {
    const { model } = play(ten, "/", ..."bps<3", "enter");

    expect(model.mode).toBe("filter");
    expect(model.draftProblem).toContain('no field "bps"');
  });

  it("leaves the filter as it was on Escape, and clears it on a second one", () => {
    const left = play(filtered, "/", ..."zzz", "escape").model;

    expect(left).toMatchObject({ mode: "list", filterText: "title~0003" });
    expect(play(left, "escape").model).toMatchObject({ filter: null, filterText: "" });
  });
});

describe("sorting", () => {
  it("goes through all orders and back to the first", () => {
    expect(play(ten, "s", "s", "s", "s", "s").model.order).toBe("state");
  });

  it("is inverted and put right again", () => {
    const inverted = play(ten, "I", "home").model;

    expect(chosen(inverted)).toBe("Show 00009");
    expect(chosen(play(inverted, "I", "home").model)).toBe("Show 00000");
  });
});

describe("acting", () => {
  it("drops the chosen stream after y alone", () => {
    const onRelay = play(ten, "j", "x");

    expect(onRelay.model.mode).toBe("ask");
    expect(onRelay.effects).toEqual([]);
    expect(play(onRelay.model, "y").effects).toEqual([
      { kind: "drop", streamId: ten.arrangement.groups[0]?.stream.status.id, title: "Show 00000" },
    ]);
  });

  it.each(["n", "enter", "escape", "x"])("does not drop on %s", (key) => {
    const { model, effects } = play(ten, "x", key);

    expect(effects).toEqual([]);
    expect(model).toMatchObject({ mode: "list", message: "not dropped" });
  });

  it("drops the stream it asked about, though another is chosen by now", () => {
    const asked = play(ten, "x").model;
    const { effects } = play(asked, { kind: "loaded", data: manyStreams(10, NOW).slice(1), now: NOW }, "y");

    expect(effects).toMatchObject([{ kind: "drop", title: "Show 00000" }]);
  });

  it("retries the chosen relay where it waits, or all that wait of the chosen stream", () => {
    expect(play(ten, "j", "r")).toMatchObject({
      effects: [],
      model: { message: expect.stringContaining("no relay") },
    });
    expect(play(ten, "j", "j", "r").effects).toEqual([
      { kind: "retry", destinationIds: ["01KDEST0000000000000B00000"] },
    ]);
    expect(play(ten, "r").effects).toEqual([{ kind: "retry", destinationIds: ["01KDEST0000000000000B00000"] }]);
  });

  it("has nothing to drop or retry in an empty list", () => {
    expect(play(empty, "x", "r", "enter")).toMatchObject({ effects: [], model: { mode: "list" } });
  });

  it.each([
    ["+", 1000, 2000],
    ["-", 1000, 500],
    ["-", 250, 250],
    ["+", 30_000, 30_000],
    ["+", 700, 1000],
  ])("changes the interval by %s from %d to %d ms, and loads at once", (key, from, to) => {
    const { model, effects } = play({ ...ten, intervalMs: from }, key);

    expect(model.intervalMs).toBe(to);
    expect(effects).toEqual([{ kind: "reload" }]);
  });

  it.each(["list", "details", "help", "filter", "ask"] as const)("leaves on Ctrl-C in mode %s", (mode) => {
    expect(play({ ...ten, mode }, "ctrl-c").effects).toEqual([{ kind: "quit" }]);
  });

  it.each(["list", "details", "help"] as const)("leaves on q in mode %s", (mode) => {
    expect(play({ ...ten, mode }, "q").effects).toEqual([{ kind: "quit" }]);
  });

  it("shows details and help, and comes back from both", () => {
    expect(play(ten, "enter").model.mode).toBe("details");
    expect(play(ten, "enter", "j", "enter").model.mode).toBe("list");
    expect(play(ten, "?", "j").model.mode).toBe("list");
  });
});

describe("the age of the data", () => {
  it("is stale once a load failed, and no more once one worked", () => {
    const lost = play(ten, { kind: "load failed", problem: "etcd does not answer", now: NOW + 1 }).model;

    expect(isStale(ten)).toBe(false);
    expect(isStale(lost)).toBe(true);
    expect(lost.arrangement.lineCount).toBe(40);
    expect(isStale(play(lost, loaded(10, NOW + 2)).model)).toBe(false);
  });

  it("is stale when loads hang for three intervals and two seconds", () => {
    expect(isStale(play(ten, { kind: "tick", now: NOW + 5000 }).model)).toBe(false);
    expect(isStale(play(ten, { kind: "tick", now: NOW + 5001 }).model)).toBe(true);
  });

  it("stands still while frozen", () => {
    const frozen = play(ten, "f", loaded(3, NOW + 1000)).model;

    expect(frozen).toMatchObject({ frozen: true, loadedAt: NOW, now: NOW + 1000 });
    expect(frozen.streams).toHaveLength(10);
    expect(play(frozen, "f", loaded(3, NOW + 2000)).model.streams).toHaveLength(3);
  });
});
