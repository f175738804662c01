import type { ReactElement } from "react";
import { VolatileText } from "../volatile-text.tsx";
import type { Mode, TopModel } from "./model.ts";

const KEYS: Readonly<Record<Mode, readonly string[]>> = {
  list: [
    ...["? help", "q quit", "/ filter", "s sort", "Enter details", "x drop", "r retry", "f freeze"],
    ...["j k move", "I invert", "+ - refresh"],
  ],
  details: ["Escape back", "j k move", "x drop", "r retry", "q quit"],
  help: ["any key goes back", "q quit"],
  filter: [],
  drop: [],
};
const BETWEEN = "  ";

/** As many as there is room for, none of them cut. */
const fitting = (keys: readonly string[], columns: number): string =>
  keys.reduce((line, key) => {
    const longer = line === "" ? key : line + BETWEEN + key;
    return longer.length <= columns ? longer : line;
  }, "");

function words({ mode, message, asked, draft, draftProblem, size }: TopModel): string {
  if (mode === "filter") return `/${draft}▏ ${draftProblem ?? "Enter applies, Escape leaves it"}`;
  if (mode === "drop" && asked)
    return `Drop the publisher of "${asked.status.title}" (${asked.status.username})? y drops, any other key does not`;
  return message ?? fitting(KEYS[mode], size.columns);
}

/** The last line: what the keys do, what was just done, or what is being asked or typed. */
export function Footer({ model }: { model: TopModel }): ReactElement {
  const important = model.mode === "drop" || model.mode === "filter" || model.message !== null;
  return <VolatileText text={words(model)} width={model.size.columns} inverse={important} />;
}
