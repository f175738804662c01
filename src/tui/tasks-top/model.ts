import type { TaskOverview } from "../../domain/task-status.ts";
import { type LiveStart, liveModel } from "../live/model.ts";
import { type SectionedModel, sectionedSheet } from "../live/sections.ts";
import type { Action } from "./action.ts";
import { type Line, lineId } from "./line.ts";
import { type Order, rowsOf } from "./rows.ts";
import { type Sample, withSample } from "./samples.ts";

/** All that the screen of tasks shows. */
export interface TasksModel extends SectionedModel<Line, Action> {
  /** As last loaded. */
  readonly overview: TaskOverview;
  readonly samples: readonly Sample[];
  readonly order: Order;
}

export const initialModel = (start: LiveStart): TasksModel => ({
  ...liveModel(start),
  overview: { kinds: [], running: [], workers: [] },
  samples: [],
  order: "age",
  rows: [],
  selectedId: null,
});

/** What the list can do. */
export const sheet = sectionedSheet<Line, TasksModel>({ lineId, rowsOf: (model) => rowsOf(model.overview, model) });

export const { selectedLine, rearrange } = sheet;

/** Takes a new snapshot; a frozen screen keeps what it has. */
export function takeOverview(model: TasksModel, overview: TaskOverview, now: number): TasksModel {
  if (model.frozen) return { ...model, now, problem: null };
  const samples = withSample(model.samples, overview, now);
  return rearrange({ ...model, now, loadedAt: now, problem: null, overview, samples });
}
