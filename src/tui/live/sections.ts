import { type LiveModel, type Size, screenHeight } from "./model.ts";
import { scrollTo } from "./scroll.ts";

/** A line that can be chosen; `is` says in which section it stands. */
interface AnyLine {
  readonly is: string;
}

interface Heading<Section> {
  readonly is: "heading";
  readonly section: Section;
  readonly count: number;
}

/** One row of a list in sections: something to choose, or the heading of what follows. */
export type Row<Line extends AnyLine> = Line | Heading<Line["is"]>;

/** A live screen whose list has sections. */
export interface SectionedModel<Line extends AnyLine, Action = unknown> extends LiveModel<Line, Action> {
  readonly rows: readonly Row<Line>[];
  /** Which line is chosen, whatever the order is by now. */
  readonly selectedId: string | null;
}

const LINES_AROUND_BODY = 3; // two of heading, the keys

/** Rows in sight. */
export const bodyHeight = (model: { readonly size: Size }): number => screenHeight(model) - LINES_AROUND_BODY;

export const isHeading = <Line extends AnyLine>(row: Row<Line>): row is Heading<Line["is"]> => row.is === "heading";

/** The line of a row; null for a heading. */
const lineOf = <Line extends AnyLine>(row: Row<Line> | undefined): Line | null => (row && !isHeading(row) ? row : null);

/** All rows of these sections, each below its heading; none where nothing is left to choose. */
export function sectionRows<Line extends AnyLine>(
  sections: readonly (readonly [section: Line["is"], lines: readonly Line[]])[],
  passes: (line: Line) => boolean,
): readonly Row<Line>[] {
  return sections.flatMap(([section, lines]): readonly Row<Line>[] => {
    const shown = lines.filter(passes);
    return shown.length === 0 ? [] : [{ is: "heading", section, count: shown.length }, ...shown];
  });
}

interface SheetRules<Line, Model> {
  lineId(line: Line): string;
  /** Filtered and sorted anew. */
  rowsOf(model: Model): readonly Row<Line & AnyLine>[];
}

/** What such a list can do; see `liveKeys`. */
export function sectionedSheet<Line extends AnyLine, Model extends SectionedModel<Line>>({
  lineId,
  rowsOf,
}: SheetRules<Line, Model>) {
  /** Chooses a row by number, or the next one that can be, and brings it in sight; the first line brings its heading. */
  function select(model: Model, index: number): Model {
    const { rows } = model;
    const wanted = Math.max(0, choosable(rows, index, model.selected));
    const { selected, top } = scrollTo(wanted, model, rows.length, bodyHeight(model));
    const line = lineOf(rows[selected]);
    return { ...model, selected, top: selected <= 1 ? 0 : top, selectedId: line && lineId(line) };
  }
  return {
    select,
    bodyHeight,
    lineCount: ({ rows }: Model): number => rows.length,
    selectedLine: ({ rows, selected }: Model): Line | null => lineOf(rows[selected]),
    /** The chosen line stays chosen wherever it went, else the one in its place is. */
    rearrange(model: Model): Model {
      const rows = rowsOf(model);
      const index = rows.findIndex((row) => !isHeading(row) && lineId(row) === model.selectedId);
      return select({ ...model, rows }, index < 0 ? model.selected : index);
    },
  };
}

/** The nearest row that can be chosen, in the direction that one came from; −1 where there is none. */
function choosable(rows: readonly Row<AnyLine>[], index: number, before: number): number {
  const wanted = Math.max(0, Math.min(index, rows.length - 1));
  const step = wanted < before ? -1 : 1;
  for (const direction of [step, -step])
    for (let at = wanted; at >= 0 && at < rows.length; at += direction) if (lineOf(rows[at])) return at;
  return -1;
}
