import type { StreamStatus } from "../../domain/live.ts";
import { type LiveEvent, liveUpdate } from "../live/update.ts";
import type { Action } from "./action.ts";
import { KEYS } from "./commands.ts";
import type { Line } from "./line.ts";
import { rearrange, type TopModel, takeStatuses } from "./model.ts";

/** Whatever may change the screen. */
export type TopEvent = LiveEvent<readonly StreamStatus[]>;

/** The one place where the model changes; pure. */
export const update = liveUpdate<Line, Action, TopModel, readonly StreamStatus[]>({
  keys: KEYS,
  take: takeStatuses,
  rearrange,
});
