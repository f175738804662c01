import type { ReactElement } from "react";
import { Footer } from "../live/footer.tsx";
import type { Mode } from "../live/model.ts";
import type { TopModel } from "./model.ts";

const KEYS: Readonly<Record<Mode, readonly string[]>> = {
  list: [
    ...["? help", "q quit", "/ filter", "s sort", "Enter details", "x drop", "r retry", "f freeze"],
    ...["j k move", "I invert", "+ - refresh"],
  ],
  details: ["Escape back", "j k move", "x drop", "r retry", "q quit"],
  help: ["any key goes back", "q quit"],
  filter: [],
  ask: [],
};

/** The last line of the screen of live streams. */
export const TopFooter = ({ model }: { model: TopModel }): ReactElement => <Footer model={model} keys={KEYS} />;
