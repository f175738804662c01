import { Box, Text } from "ink";
import type { ReactElement } from "react";
import { VolatileText } from "../volatile-text.tsx";
import { EmptyList } from "./empty-list.tsx";
import { HEALTH_COLOR, type LineState } from "./health.ts";
import { drawLine, headings, type SectionLook } from "./section-columns.ts";
import { bodyHeight, isHeading, type Row, type SectionedModel } from "./sections.ts";

/** How a screen's lines look. */
export interface ListLook<Line extends { readonly is: string }> {
  readonly lookOf: (section: Line["is"]) => SectionLook<never>;
  readonly stateOf: (line: Line) => LineState;
}

interface RowLineProps<Line extends { readonly is: string }> {
  readonly row: Row<Line>;
  readonly look: ListLook<Line>;
  readonly columns: number;
  readonly now: number;
  readonly chosen: boolean;
}

function RowLine<Line extends { readonly is: string }>(props: RowLineProps<Line>): ReactElement {
  const { row, look, columns, now, chosen } = props;
  if (isHeading(row))
    return (
      <Text wrap="truncate" bold>
        {headings(look.lookOf(row.section), columns, row.count)}
      </Text>
    );
  const lineState = look.stateOf(row);
  const { state, rest } = drawLine(look.lookOf(row.is), row as never, { state: lineState, width: columns, now });
  return (
    <Box>
      <Text inverse={chosen} color={HEALTH_COLOR[lineState.health]}>
        {state}
      </Text>
      <VolatileText text={rest} width={columns - state.length} inverse={chosen} />
    </Box>
  );
}

interface SectionListProps<Line extends { readonly is: string }> {
  readonly model: SectionedModel<Line>;
  readonly look: ListLook<Line>;
  /** Why there are no lines, and what to do about it. */
  readonly empty: readonly string[];
}

/** The rows in sight; no other is made. */
export function SectionList<Line extends { readonly is: string }>(props: SectionListProps<Line>): ReactElement {
  const { rows, top, selected, now, size } = props.model;
  if (rows.length === 0) return <EmptyList words={props.empty} />;
  return (
    <Box flexDirection="column">
      {rows.slice(top, top + bodyHeight(props.model)).map((row, index) => (
        <RowLine
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is a place on the screen; what moves is its text
          key={index}
          row={row}
          look={props.look}
          columns={size.columns}
          now={now}
          chosen={top + index === selected}
        />
      ))}
    </Box>
  );
}
