import type { ReactElement } from "react";
import { emptyWords } from "../live/empty-list.tsx";
import { SectionList } from "../live/section-list.tsx";
import { lookOf } from "./columns.ts";
import { stateOf } from "./line.ts";
import type { TokensModel } from "./model.ts";

const NONE = ["No server of viewer tokens is there.", "rig server --only tokens  is one; rig up  has one within."];

/** The servers, and the sessions that they are asked for most. */
export const List = ({ model }: { model: TokensModel }): ReactElement => (
  <SectionList model={model} look={{ lookOf, stateOf }} empty={emptyWords(model, "Viewer tokens", NONE)} />
);
