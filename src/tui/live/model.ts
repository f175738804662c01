import type { Filter } from "./filter.ts";

/** What the keys mean now, on every live screen. */
export type Mode = "list" | "filter" | "ask" | "details" | "help";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Something that is done only after a yes. */
export interface Question<Action> {
  /** What the last line asks. */
  readonly words: string;
  readonly action: Action;
  /** What it says after any other key than y. */
  readonly notDone: string;
}

/** What every live screen shows and remembers; changed by its `update` alone. Instants are ms since epoch. */
export interface LiveModel<Line, Action> {
  readonly mode: Mode;
  readonly size: Size;
  readonly now: number;
  readonly intervalMs: number;
  /** When the data was loaded; null before the first time. */
  readonly loadedAt: number | null;
  /** Why the last load failed; null when it did not. */
  readonly problem: string | null;
  readonly frozen: boolean;
  readonly inverted: boolean;
  readonly filterText: string;
  readonly filter: Filter<Line> | null;
  /** The filter being typed, and why it is none yet. */
  readonly draft: string;
  readonly draftProblem: string | null;
  readonly selected: number;
  readonly top: number;
  /** The first of two keys that mean something together (`gg`). */
  readonly pendingKey: string | null;
  readonly asked: Question<Action> | null;
  /** One line for the user, until the next key. */
  readonly message: string | null;
}

/** How a screen begins. */
export interface LiveStart {
  readonly size: Size;
  readonly now: number;
  readonly intervalMs: number;
}

type EmptyModel = LiveModel<never, never> & { readonly filter: null };

/** A screen before its first data. */
export const liveModel = ({ size, now, intervalMs }: LiveStart): EmptyModel => ({
  ...{ mode: "list", size, now, intervalMs },
  loadedAt: null,
  problem: null,
  frozen: false,
  inverted: false,
  filterText: "",
  filter: null,
  draft: "",
  draftProblem: null,
  selected: 0,
  top: 0,
  pendingKey: null,
  asked: null,
  message: null,
});

type Freshness = Pick<LiveModel<never, never>, "problem" | "loadedAt" | "now" | "intervalMs">;

const LOWEST = 5;
const STALE_INTERVALS = 3;
const STALE_SLACK_MS = 2000; // a load may take a while without the store being lost

/** Lines that the screen may take: one less than the terminal has, or ink clears the scrollback at each frame. */
export const screenHeight = ({ size }: { readonly size: Size }): number => Math.max(LOWEST, size.rows - 1);

/** True when what is shown may no longer be so: the last load failed, or none came for three intervals. */
export const isStale = ({ problem, loadedAt, now, intervalMs }: Freshness): boolean =>
  problem !== null || (loadedAt !== null && now - loadedAt > STALE_INTERVALS * intervalMs + STALE_SLACK_MS);
