import type { ReactElement } from "react";
import { emptyWords } from "../live/empty-list.tsx";
import { SectionList } from "../live/section-list.tsx";
import { lookOf } from "./columns.ts";
import { stateOf } from "./line.ts";
import type { TasksModel } from "./model.ts";

const NONE = ["No task is there, and no worker runs.", "rig worker  takes tasks; rig up  has one within."];

/** Kinds, workers and running tasks. */
export const List = ({ model }: { model: TasksModel }): ReactElement => (
  <SectionList model={model} look={{ lookOf, stateOf }} empty={emptyWords(model, "Tasks", NONE)} />
);
