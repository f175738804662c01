import type { ViewerActivity } from "../../domain/viewer-activity.ts";
import { type LiveStart, liveModel } from "../live/model.ts";
import { type SectionedModel, sectionedSheet } from "../live/sections.ts";
import { type Line, lineId } from "./line.ts";
import { type Order, rowsOf } from "./rows.ts";

/** All that the screen of viewer tokens shows. It changes nothing but itself. */
export interface TokensModel extends SectionedModel<Line, never> {
  /** As last loaded. */
  readonly activity: ViewerActivity;
  readonly order: Order;
}

export const initialModel = (start: LiveStart): TokensModel => ({
  ...liveModel(start),
  activity: { servers: [], sessions: [] },
  order: "asked",
  rows: [],
  selectedId: null,
});

/** What the list can do. */
export const sheet = sectionedSheet<Line, TokensModel>({ lineId, rowsOf: (model) => rowsOf(model.activity, model) });

/** Takes a new snapshot; a frozen screen keeps what it has. */
export const takeActivity = (model: TokensModel, activity: ViewerActivity, now: number): TokensModel =>
  model.frozen
    ? { ...model, now, problem: null }
    : sheet.rearrange({ ...model, now, loadedAt: now, problem: null, activity });
