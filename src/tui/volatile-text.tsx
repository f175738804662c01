import { Transform } from "ink";
import type { ReactElement } from "react";
import { toCells } from "./cells.ts";

const INVERSE = ["\u001b[7m", "\u001b[27m"] as const;

interface VolatileTextProps {
  readonly text: string;
  /** Cells that it takes; a longer text is cut, a shorter one padded. */
  readonly width: number;
  readonly inverse?: boolean;
}

/**
 * One line that changes all the time. ink keeps each text that it ever measured, for ever: 60 lines at 2 Hz would be
 * 5 GB a day. So it is given blanks to measure, and the text when it draws; that also saves a fifth of a frame's CPU.
 */
export function VolatileText({ text, width, inverse = false }: VolatileTextProps): ReactElement {
  const fitted = toCells(text, width);
  const drawn = inverse ? `${INVERSE[0]}${fitted}${INVERSE[1]}` : fitted;
  return <Transform transform={() => drawn}>{" ".repeat(width)}</Transform>;
}
