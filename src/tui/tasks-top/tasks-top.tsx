import type { ReactElement } from "react";
import { LiveView } from "../live/live-view.tsx";
import { Details } from "./details.tsx";
import { Heading } from "./heading.tsx";
import { Help } from "./help.tsx";
import { List } from "./list.tsx";
import type { TasksModel } from "./model.ts";

const KEYS = {
  list: [
    ...["? help", "q quit", "/ filter", "s sort", "Enter details", "x cancel", "r redrive", "p pause"],
    ...["f freeze", "j k move", "I invert", "+ - refresh"],
  ],
  details: ["Escape back", "j k move", "x cancel", "r redrive", "p pause", "q quit"],
};

/** The whole screen `rig tasks top`: the model in, the names of keys out. */
export const TasksTop = ({ model, onKey }: { model: TasksModel; onKey: (key: string) => void }): ReactElement => (
  <LiveView model={model} onKey={onKey} parts={{ Heading, List, Details, Help, keys: KEYS }} />
);
