import type { ReactElement } from "react";
import { VolatileText } from "../volatile-text.tsx";
import type { LiveModel, Mode } from "./model.ts";

const BETWEEN = "  ";

/** As many as there is room for, none of them cut. */
const fitting = (keys: readonly string[], columns: number): string =>
  keys.reduce((line, key) => {
    const longer = line === "" ? key : line + BETWEEN + key;
    return longer.length <= columns ? longer : line;
  }, "");

interface FooterProps {
  readonly model: LiveModel<never, unknown>;
  /** What the keys do, the most important first. */
  readonly keys: Readonly<Record<Mode, readonly string[]>>;
}

function words({ model: { mode, message, asked, draft, draftProblem, size }, keys }: FooterProps): string {
  if (mode === "filter") return `/${draft}▏ ${draftProblem ?? "Enter applies, Escape leaves it"}`;
  if (mode === "ask" && asked) return asked.words;
  return message ?? fitting(keys[mode], size.columns);
}

/** The last line: what the keys do, what was just done, or what is being asked or typed. */
export function Footer({ model, keys }: FooterProps): ReactElement {
  const important = model.mode === "ask" || model.mode === "filter" || model.message !== null;
  return <VolatileText text={words({ model, keys })} width={model.size.columns} inverse={important} />;
}
