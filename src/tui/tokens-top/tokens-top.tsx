import type { ReactElement } from "react";
import { LiveView } from "../live/live-view.tsx";
import { Details } from "./details.tsx";
import { Heading } from "./heading.tsx";
import { Help } from "./help.tsx";
import { List } from "./list.tsx";
import type { TokensModel } from "./model.ts";

const KEYS = {
  list: [
    ...["? help", "q quit", "/ filter", "s sort", "Enter details", "f freeze", "j k move", "I invert"],
    "+ - refresh",
  ],
  details: ["Escape back", "j k move", "q quit"],
};

/** The whole screen `rig tokens top`: the model in, the names of keys out. */
export const TokensTop = ({ model, onKey }: { model: TokensModel; onKey: (key: string) => void }): ReactElement => (
  <LiveView model={model} onKey={onKey} parts={{ Heading, List, Details, Help, keys: KEYS }} />
);
