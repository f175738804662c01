import { type Command, just, type KeyTable, liveKeys, saying } from "../live/commands.ts";
import type { Mode } from "../live/model.ts";
import type { Action } from "./action.ts";
import { parseFilter } from "./filter.ts";
import type { Line } from "./line.ts";
import { rearrange, selectedLine, sheet, type TasksModel } from "./model.ts";
import { ORDERS } from "./rows.ts";

type TasksCommand = Command<TasksModel, Action>;

const nextOrder: TasksCommand = (model) => {
  const order = ORDERS[(ORDERS.indexOf(model.order) + 1) % ORDERS.length] ?? "age";
  return just(rearrange({ ...model, order }));
};

const ask = (model: TasksModel, words: string, action: Action, notDone: string) =>
  just<TasksModel>({ ...model, mode: "ask", asked: { words, action, notDone } });

const askCancel: TasksCommand = (model) => {
  const line = selectedLine(model);
  if (line?.is !== "task") return saying(model, "nothing to cancel: choose a running task");
  const { id, kind } = line.task;
  return ask(model, `Cancel ${id} (${kind})? y does`, { kind: "cancel", taskId: id }, "not cancelled");
};

const askRedrive: TasksCommand = (model) => {
  const line = selectedLine(model);
  if (line?.is !== "kind") return saying(model, "nothing to redrive: choose a kind");
  const { kind, dead } = line.kind;
  if (dead === 0) return saying(model, `no task of kind ${kind} is dead`);
  return ask(model, `Run ${dead} dead of ${kind} again? y does`, { kind: "redrive", taskKind: kind }, "not redriven");
};

const pause: TasksCommand = (model) => {
  const line = selectedLine(model);
  if (line?.is !== "kind") return saying(model, "nothing to pause: choose a kind");
  const { kind, paused } = line.kind;
  return { model, effects: [{ kind: paused ? "resume" : "pause", taskKind: kind }] };
};

const keys = liveKeys<Line, Action, TasksModel>({ ...sheet, parseFilter });
const acting: KeyTable<TasksModel, Action> = { x: askCancel, r: askRedrive, p: pause };

/** What each key does in each mode; `gg` is two keys. */
export const KEYS: Readonly<Record<Mode, KeyTable<TasksModel, Action>>> = {
  list: { ...keys.looking, ...acting, ...keys.list, s: nextOrder },
  details: { ...keys.looking, ...acting, ...keys.details },
  filter: keys.filter,
  ask: keys.ask,
  help: keys.help,
};
