import { safeText } from "../domain/safe-text.ts";

// One cell each, and no need to look for graphemes: Latin, and the signs that our own screens draw with.
const PLAIN = /^[\u0020-\u007e\u00a0-\u02ff–…─-╿▏▲●✖]*$/;
const NO_CELL = /^(?:\p{Mark}|[\u200b-\u200d]|[\ufe00-\ufe0f])+$/u;
// East Asian wide and full width, and what is drawn as an emoji: two cells each.
const TWO_CELLS =
  /^(?:\p{Emoji_Presentation}|.\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u;

const graphemes = new Intl.Segmenter();

const cellsOf = (grapheme: string): number => (NO_CELL.test(grapheme) ? 0 : TWO_CELLS.test(grapheme) ? 2 : 1);

/** Cuts a text at `width` cells, with `…` as the last where something was cut; also says how many cells it takes. */
function cut(text: string, width: number): { text: string; cells: number } {
  let cells = 0;
  let kept = "";
  let keptShort = { text: "", cells: 0 }; // what still leaves room for the …
  for (const { segment } of graphemes.segment(text)) {
    const more = cellsOf(segment);
    if (cells + more > width) return { text: `${keptShort.text}…`, cells: keptShort.cells + 1 };
    kept += segment;
    cells += more;
    if (cells < width) keptShort = { text: kept, cells };
  }
  return { text: kept, cells };
}

function cutPlain(text: string, width: number): { text: string; cells: number } {
  return text.length <= width ? { text, cells: text.length } : { text: `${text.slice(0, width - 1)}…`, cells: width };
}

/** A foreign text made safe and exactly `width` (1 or more) terminal cells wide: cut with `…`, or padded on one side. */
export function toCells(foreign: string, width: number, align: "left" | "right" = "left"): string {
  const text = safeText(foreign);
  const fitted = PLAIN.test(text) ? cutPlain(text, width) : cut(text, width);
  const padding = " ".repeat(width - fitted.cells);
  return align === "left" ? fitted.text + padding : padding + fitted.text;
}
