import type { StreamStatus } from "../../domain/live.ts";
import { type Arrangement, arrange, indexOf, lineAt, NOTHING, type Order } from "./arrangement.ts";
import type { Filter } from "./filter.ts";
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
import { scrollTo } from "./scroll.ts";

/** What the keys mean now. */
export type Mode = "list" | "filter" | "drop" | "details" | "help";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** All that the screen shows; changed by `update` alone. Instants are ms since epoch. */
export interface TopModel {
  readonly mode: Mode;
  readonly size: Size;
  readonly now: number;
  readonly intervalMs: number;
  /** All live streams as last loaded. */
  readonly streams: readonly LiveStream[];
  readonly counts: RelayCounts;
  /** When they were; null before the first time. */
  readonly loadedAt: number | null;
  /** Why the last load failed; null when it did not. */
  readonly problem: string | null;
  readonly frozen: boolean;
  readonly order: Order;
  readonly inverted: boolean;
  readonly filterText: string;
  readonly filter: Filter | null;
  /** The filter being typed, and why it is none yet. */
  readonly draft: string;
  readonly draftProblem: string | null;
  readonly arrangement: Arrangement;
  readonly selected: number;
  readonly selectedId: LineId | null;
  readonly top: number;
  /** The first of two keys that mean something together (`gg`). */
  readonly pendingKey: string | null;
  /** The stream that `x` asks about. */
  readonly asked: Line | null;
  /** One line for the user, until the next key. */
  readonly message: string | null;
}

const LINES_AROUND_BODY = 4; // two of heading, the columns' names, the keys
const STALE_INTERVALS = 3;
const STALE_SLACK_MS = 2000; // a load may take a while without the store being lost

export function initialModel({ size, now, intervalMs }: { size: Size; now: number; intervalMs: number }): TopModel {
  return {
    mode: "list",
    size,
    now,
    intervalMs,
    streams: [],
    counts: NO_RELAYS,
    loadedAt: null,
    problem: null,
    frozen: false,
    order: "state",
    inverted: false,
    filterText: "",
    filter: null,
    draft: "",
    draftProblem: null,
    arrangement: NOTHING,
    selected: 0,
    selectedId: null,
    top: 0,
    pendingKey: null,
    asked: null,
    message: null,
  };
}

/** Lines that the screen may take: one less than the terminal has, or ink clears the scrollback at each frame. */
export const screenHeight = ({ size }: TopModel): number => Math.max(LINES_AROUND_BODY + 1, size.rows - 1);

/** Lines of the list in sight. */
export const bodyHeight = (model: TopModel): number => screenHeight(model) - LINES_AROUND_BODY;

export const selectedLine = ({ arrangement, selected }: TopModel): Line | null => lineAt(arrangement, selected);

/** True when what is shown may no longer be so: the last load failed, or none came for three intervals. */
export const isStale = ({ problem, loadedAt, now, intervalMs }: TopModel): boolean =>
  problem !== null || (loadedAt !== null && now - loadedAt > STALE_INTERVALS * intervalMs + STALE_SLACK_MS);

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
