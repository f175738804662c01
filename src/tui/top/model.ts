import type { StreamStatus } from "../../domain/live.ts";
import { type LiveModel, type LiveStart, liveModel, screenHeight } from "../live/model.ts";
import { scrollTo } from "../live/scroll.ts";
import type { Action } from "./action.ts";
import { type Arrangement, arrange, indexOf, lineAt, NOTHING, type Order } from "./arrangement.ts";
import {
  countRelays,
  type Line,
  type LineId,
  type LiveStream,
  lineId,
  liveStreams,
  NO_RELAYS,
  type RelayCounts,
} from "./line.ts";

/** All that the screen of live streams shows. */
export interface TopModel extends LiveModel<Line, Action> {
  /** All live streams as last loaded. */
  readonly streams: readonly LiveStream[];
  readonly counts: RelayCounts;
  readonly order: Order;
  readonly arrangement: Arrangement;
  readonly selectedId: LineId | null;
}

const LINES_AROUND_BODY = 4; // two of heading, the columns' names, the keys

export const initialModel = (start: LiveStart): TopModel => ({
  ...liveModel(start),
  streams: [],
  counts: NO_RELAYS,
  order: "state",
  arrangement: NOTHING,
  selectedId: null,
});

/** Lines of the list in sight. */
export const bodyHeight = (model: TopModel): number => screenHeight(model) - LINES_AROUND_BODY;

export const selectedLine = ({ arrangement, selected }: TopModel): Line | null => lineAt(arrangement, selected);

/** Chooses a line by number and brings it in sight. */
export function select(model: TopModel, index: number): TopModel {
  const { selected, top } = scrollTo(index, model, model.arrangement.lineCount, bodyHeight(model));
  const line = lineAt(model.arrangement, selected);
  return { ...model, selected, top, selectedId: line && lineId(line) };
}

/** Filters and sorts anew; the chosen line stays chosen wherever it went, else the one in its place is. */
export function rearrange(model: TopModel): TopModel {
  const arrangement = arrange(model.streams, model);
  const index = model.selectedId ? indexOf(arrangement, model.selectedId) : -1;
  return select({ ...model, arrangement }, index < 0 ? model.selected : index);
}

/** Takes newly loaded statuses; a frozen screen keeps what it has. */
export function takeStatuses(model: TopModel, statuses: readonly StreamStatus[], now: number): TopModel {
  if (model.frozen) return { ...model, now, problem: null };
  const streams = liveStreams(statuses);
  return rearrange({ ...model, now, loadedAt: now, problem: null, streams, counts: countRelays(streams) });
}
