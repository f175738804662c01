import { toCells } from "../cells.ts";
import { count } from "../figures.ts";
import { type LineState, MARK } from "./health.ts";

/** One column behind the state and the name. */
export interface Column<Line> {
  readonly heading: string;
  readonly width: number;
  readonly align: "left" | "right";
  /** Shown on terminals at least this wide. */
  readonly from: number;
  readonly text: (line: Line, now: number) => string;
}

/** How the lines of one section are drawn. */
export interface SectionLook<Line> {
  readonly name: string;
  readonly columns: readonly Column<Line>[];
  /** What a line is called, in at most so many cells. */
  readonly nameOf: (line: Line, width: number) => string;
}

const STATE_WIDTH = 10;
const MIN_NAME = 8;

/** An id in at most `width` cells by its end: neighbours' ULIDs begin alike. */
export const idEnd = (id: string, width: number): string => (id.length <= width ? id : `…${id.slice(1 - width)}`);

/** A column of counts. */
export const numberColumn = <Line>(heading: string, width: number, read: (line: Line) => number): Column<Line> => ({
  ...{ heading, width, align: "right", from: 0 },
  text: (line) => count(read(line)),
});

const fitting = <Line>(columns: readonly Column<Line>[], width: number) => columns.filter(({ from }) => width >= from);

const nameWidth = (columns: readonly { width: number }[], width: number): number =>
  Math.max(MIN_NAME, width - STATE_WIDTH - 1 - columns.reduce((sum, column) => sum + column.width + 1, 0));

/** The columns' names of a section, `width` cells in all. */
export function headings(look: SectionLook<never>, width: number, lines: number): string {
  const columns = fitting(look.columns, width);
  const cells = columns.map(({ heading, width: cell, align }) => toCells(heading, cell, align));
  const name = `${look.name} (${count(lines)})`;
  return [toCells("STATE", STATE_WIDTH), toCells(name, nameWidth(columns, width)), ...cells].join(" ");
}

interface Drawing {
  readonly state: LineState;
  readonly width: number;
  readonly now: number;
}

/** One line, `width` cells in all: the state in its colour, the rest plain. */
export function drawLine<Line>(look: SectionLook<Line>, line: Line, { state, width, now }: Drawing) {
  const columns = fitting(look.columns, width);
  const name = nameWidth(columns, width);
  const cells = columns.map((column) => toCells(column.text(line, now), column.width, column.align));
  const rest = ["", toCells(look.nameOf(line, name), name), ...cells].join(" ");
  return { state: toCells(`${MARK[state.health]} ${state.word}`, STATE_WIDTH), rest };
}
