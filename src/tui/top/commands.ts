import { relayHealth } from "../../domain/stream-health.ts";
import { ORDERS } from "./arrangement.ts";
import { parseFilter } from "./filter.ts";
import { bodyHeight, rearrange, select, selectedLine, type TopModel } from "./model.ts";

/** What the screen asks of the world. */
export type Effect =
  | { readonly kind: "quit" }
  | { readonly kind: "reload" }
  | { readonly kind: "drop"; readonly streamId: string; readonly title: string }
  | { readonly kind: "retry"; readonly destinationIds: readonly string[] };

/** The model after a key, and what is to be done. */
export interface Step {
  readonly model: TopModel;
  readonly effects: readonly Effect[];
}

export type Command = (model: TopModel, key: string) => Step;

const INTERVALS_MS = [250, 500, 1000, 2000, 5000, 10_000, 30_000];

const just = (model: TopModel): Step => ({ model, effects: [] });

const saying = (model: TopModel, message: string): Step => just({ ...model, message });

const moveBy =
  (lines: (model: TopModel) => number): Command =>
  (model) =>
    just(select(model, model.selected + lines(model)));

const quit: Command = (model) => ({ model, effects: [{ kind: "quit" }] });

const toList: Command = (model) => just({ ...model, mode: "list", asked: null, draftProblem: null });

const nextOrder: Command = (model) => {
  const order = ORDERS[(ORDERS.indexOf(model.order) + 1) % ORDERS.length] ?? "state";
  return just(rearrange({ ...model, order }));
};

const setInterval =
  (choose: (present: number) => number | undefined): Command =>
  (model) => {
    const intervalMs = choose(model.intervalMs) ?? model.intervalMs;
    return { model: { ...model, intervalMs }, effects: [{ kind: "reload" }] };
  };

const askDrop: Command = (model) => {
  const asked = selectedLine(model);
  return asked ? just({ ...model, mode: "drop", asked }) : saying(model, "nothing to drop: no stream is chosen");
};

const dropAsked: Command = (model, key) => {
  const back: TopModel = { ...model, mode: "list", asked: null };
  if (!model.asked || (key !== "y" && key !== "Y")) return saying(back, "not dropped");
  const { id, title } = model.asked.status;
  return { model: back, effects: [{ kind: "drop", streamId: id, title }] };
};

const retry: Command = (model) => {
  const line = selectedLine(model);
  if (!line) return saying(model, "nothing to retry: no relay is chosen");
  const relays = line.relay ? [line.relay] : line.publish.relays;
  const destinationIds = relays.filter((relay) => relayHealth(relay) === "down").map((relay) => relay.destinationId);
  if (destinationIds.length === 0) return saying(model, "nothing to retry: no relay here waits");
  return { model, effects: [{ kind: "retry", destinationIds }] };
};

/** Names of keys (`up`) are longer. */
const isCharacter = (key: string): boolean => [...key].length === 1;

const typeFilter: Command = (model, key) => {
  const draft =
    key === "backspace" ? [...model.draft].slice(0, -1).join("") : model.draft + (isCharacter(key) ? key : "");
  return just({ ...model, draft, draftProblem: null });
};

const applyFilter: Command = (model) => {
  const parsed = parseFilter(model.draft);
  if ("problem" in parsed) return just({ ...model, draftProblem: parsed.problem });
  const filterText = model.draft.trim();
  const filter = filterText === "" ? null : parsed.filter;
  return just(rearrange({ ...model, mode: "list", filterText, filter, draftProblem: null }));
};

const clearFilter: Command = (model) =>
  just(rearrange({ ...model, filterText: "", filter: null, draft: "", draftProblem: null }));

/** Keys that move and act, in the list and in the details alike; `gg` is two keys. */
const WHILE_LOOKING: Readonly<Record<string, Command>> = {
  j: moveBy(() => 1),
  down: moveBy(() => 1),
  k: moveBy(() => -1),
  up: moveBy(() => -1),
  pagedown: moveBy((model) => bodyHeight(model) - 1),
  " ": moveBy((model) => bodyHeight(model) - 1),
  pageup: moveBy((model) => 1 - bodyHeight(model)),
  G: moveBy(({ arrangement }) => arrangement.lineCount),
  end: moveBy(({ arrangement }) => arrangement.lineCount),
  gg: moveBy(({ selected }) => -selected),
  home: moveBy(({ selected }) => -selected),
  x: askDrop,
  r: retry,
  f: (model) => just({ ...model, frozen: !model.frozen }),
  "?": (model) => just({ ...model, mode: "help" }),
  q: quit,
};

/** What each key does in each mode; `other` is for all that have no row. */
export const KEYS: Readonly<Record<TopModel["mode"], Readonly<Record<string, Command>>>> = {
  list: {
    ...WHILE_LOOKING,
    s: nextOrder,
    I: (model) => just(rearrange({ ...model, inverted: !model.inverted })),
    "/": (model) => just({ ...model, mode: "filter", draft: model.filterText }),
    "+": setInterval((present) => INTERVALS_MS.find((ms) => ms > present)),
    "-": setInterval((present) => INTERVALS_MS.findLast((ms) => ms < present)),
    enter: (model) => just({ ...model, mode: selectedLine(model) ? "details" : "list" }),
    escape: clearFilter,
  },
  details: { ...WHILE_LOOKING, enter: toList, escape: toList },
  filter: { enter: applyFilter, escape: toList, other: typeFilter },
  drop: { other: dropAsked },
  help: { q: quit, other: toList },
};

/** Ctrl-C leaves in every mode. */
export const EVERYWHERE: Readonly<Record<string, Command>> = { "ctrl-c": quit };
