import type { TaskOverview } from "../../domain/task-status.ts";
import { type LiveEvent, liveUpdate } from "../live/update.ts";
import type { Action } from "./action.ts";
import { KEYS } from "./commands.ts";
import type { Line } from "./line.ts";
import { rearrange, type TasksModel, takeOverview } from "./model.ts";

/** Whatever may change the screen. */
export type TasksEvent = LiveEvent<TaskOverview>;

/** The one place where the model changes; pure. */
export const update = liveUpdate<Line, Action, TasksModel, TaskOverview>({ keys: KEYS, take: takeOverview, rearrange });
