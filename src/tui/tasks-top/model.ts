import type { TaskOverview } from "../../domain/task-status.ts";
import { type LiveModel, type LiveStart, liveModel, screenHeight } from "../live/model.ts";
import { scrollTo } from "../live/scroll.ts";
import type { Action } from "./action.ts";
import { type Line, lineId, type Row } from "./line.ts";
import { choosable, indexOf, lineOf, type Order, rowsOf } from "./rows.ts";
import { type Sample, withSample } from "./samples.ts";

/** All that the screen of tasks shows. */
export interface TasksModel extends LiveModel<Line, Action> {
  /** As last loaded. */
  readonly overview: TaskOverview;
  readonly samples: readonly Sample[];
  readonly order: Order;
  readonly rows: readonly Row[];
  readonly selectedId: string | null;
}

const LINES_AROUND_BODY = 3; // two of heading, the keys

export const initialModel = (start: LiveStart): TasksModel => ({
  ...liveModel(start),
  overview: { kinds: [], running: [], workers: [] },
  samples: [],
  order: "age",
  rows: [],
  selectedId: null,
});

/** Rows in sight. */
export const bodyHeight = (model: TasksModel): number => screenHeight(model) - LINES_AROUND_BODY;

export const selectedLine = ({ rows, selected }: TasksModel): Line | null => lineOf(rows[selected]);

/** Chooses a row by number, or the next one that can be, and brings it in sight; the first line brings its heading. */
export function select(model: TasksModel, index: number): TasksModel {
  const { rows } = model;
  const wanted = Math.max(0, choosable(rows, index, model.selected));
  const { selected, top } = scrollTo(wanted, model, rows.length, bodyHeight(model));
  const line = lineOf(rows[selected]);
  return { ...model, selected, top: selected <= 1 ? 0 : top, selectedId: line && lineId(line) };
}

/** Filters and sorts anew; the chosen line stays chosen wherever it went, else the one in its place is. */
export function rearrange(model: TasksModel): TasksModel {
  const rows = rowsOf(model.overview, model);
  const index = model.selectedId === null ? -1 : indexOf(rows, model.selectedId);
  return select({ ...model, rows }, index < 0 ? model.selected : index);
}

/** Takes a new snapshot; a frozen screen keeps what it has. */
export function takeOverview(model: TasksModel, overview: TaskOverview, now: number): TasksModel {
  if (model.frozen) return { ...model, now, problem: null };
  const samples = withSample(model.samples, overview, now);
  return rearrange({ ...model, now, loadedAt: now, problem: null, overview, samples });
}
