import type { ParsedFilter } from "./filter.ts";
import type { LiveModel } from "./model.ts";

/** What every screen asks of the world; each has actions of its own beside it. */
export type CommonEffect = { readonly kind: "quit" } | { readonly kind: "reload" };

/** The model after a key, and what is to be done. */
export interface Step<Model, Action> {
  readonly model: Model;
  readonly effects: readonly (CommonEffect | Action)[];
}

export type Command<Model, Action> = (model: Model, key: string) => Step<Model, Action>;

/** What each key does; `other` is for all that have no row. */
export type KeyTable<Model, Action> = Readonly<Record<string, Command<Model, Action>>>;

/** What a screen's list can do, whatever stands in it. */
export interface Sheet<Line, Model> {
  /** Chooses a line by number and brings it in sight. */
  select(model: Model, index: number): Model;
  /** Filters and sorts anew; the chosen line stays chosen wherever it went. */
  rearrange(model: Model): Model;
  lineCount(model: Model): number;
  bodyHeight(model: Model): number;
  parseFilter(text: string): ParsedFilter<Line>;
}

const INTERVALS_MS = [250, 500, 1000, 2000, 5000, 10_000, 30_000];

/** Only the model changes. */
export const just = <Model>(model: Model): Step<Model, never> => ({ model, effects: [] });

/** Nothing is done but to say something. */
export const saying = <Model extends { readonly message: string | null }>(
  model: Model,
  message: string,
): Step<Model, never> => just({ ...model, message });

/** Leaves the screen. */
export const quit = <Model>(model: Model): Step<Model, never> => ({ model, effects: [{ kind: "quit" }] });

/** The keys that every live screen has, by mode; `looking` are those of the list and the details alike. */
export function liveKeys<Line, Action, Model extends LiveModel<Line, Action>>(sheet: Sheet<Line, Model>) {
  type Keys = KeyTable<Model, Action>;
  const { select, rearrange, lineCount, bodyHeight } = sheet;
  const moveBy =
    (lines: (model: Model) => number): Command<Model, Action> =>
    (model) =>
      just(select(model, model.selected + lines(model)));
  const setInterval =
    (choose: (present: number) => number | undefined): Command<Model, Action> =>
    (model) => {
      const intervalMs = choose(model.intervalMs) ?? model.intervalMs;
      return { model: { ...model, intervalMs }, effects: [{ kind: "reload" }] };
    };
  const toList: Command<Model, Action> = (model) => just({ ...model, mode: "list", asked: null, draftProblem: null });
  const looking: Keys = {
    j: moveBy(() => 1),
    down: moveBy(() => 1),
    k: moveBy(() => -1),
    up: moveBy(() => -1),
    pagedown: moveBy((model) => bodyHeight(model) - 1),
    " ": moveBy((model) => bodyHeight(model) - 1),
    pageup: moveBy((model) => 1 - bodyHeight(model)),
    G: moveBy(lineCount),
    end: moveBy(lineCount),
    gg: moveBy(({ selected }) => -selected),
    home: moveBy(({ selected }) => -selected),
    f: (model) => just({ ...model, frozen: !model.frozen }),
    "?": (model) => just({ ...model, mode: "help" }),
    q: quit,
  };
  const list: Keys = {
    // biome-ignore lint/correctness/noComponentHookFactories: a key, no component
    I: (model) => just(rearrange({ ...model, inverted: !model.inverted })),
    "/": (model) => just({ ...model, mode: "filter", draft: model.filterText }),
    "+": setInterval((present) => INTERVALS_MS.find((ms) => ms > present)),
    "-": setInterval((present) => INTERVALS_MS.findLast((ms) => ms < present)),
    enter: (model) => just({ ...model, mode: lineCount(model) > 0 ? "details" : "list" }),
    escape: (model) => just(rearrange({ ...model, filterText: "", filter: null, draft: "", draftProblem: null })),
  };
  return {
    ...{ looking, list },
    details: { enter: toList, escape: toList } as Keys,
    filter: { enter: applyFilter(sheet), escape: toList, other: typeFilter } as Keys,
    ask: { other: answer } as Keys,
    help: { q: quit, other: toList } as Keys,
  };
}

/** Names of keys (`up`) are longer. */
const isCharacter = (key: string): boolean => [...key].length === 1;

function typeFilter<Model extends LiveModel<never, never>>(model: Model, key: string): Step<Model, never> {
  const draft =
    key === "backspace" ? [...model.draft].slice(0, -1).join("") : model.draft + (isCharacter(key) ? key : "");
  return just({ ...model, draft, draftProblem: null });
}

const applyFilter =
  <Line, Action, Model extends LiveModel<Line, Action>>({ parseFilter, rearrange }: Sheet<Line, Model>) =>
  (model: Model): Step<Model, never> => {
    const parsed = parseFilter(model.draft);
    if ("problem" in parsed) return just({ ...model, draftProblem: parsed.problem });
    const filterText = model.draft.trim();
    const filter = filterText === "" ? null : parsed.filter;
    return just(rearrange({ ...model, mode: "list", filterText, filter, draftProblem: null }));
  };

function answer<Action, Model extends LiveModel<never, Action>>(model: Model, key: string): Step<Model, Action> {
  const { asked } = model;
  const back: Model = { ...model, mode: "list", asked: null };
  if (!asked) return just(back);
  return key === "y" || key === "Y" ? { model: back, effects: [asked.action] } : saying(back, asked.notDone);
}
