import { Box, Text } from "ink";
import type { ReactElement } from "react";
import { safeText } from "../../domain/safe-text.ts";
import { VolatileText } from "../volatile-text.tsx";
import { drawLine, headings } from "./columns.ts";
import { HEALTH_COLOR } from "./heading.tsx";
import { type Row, stateOf } from "./line.ts";
import { bodyHeight, type TasksModel } from "./model.ts";

interface RowLineProps {
  readonly row: Row;
  readonly columns: number;
  readonly now: number;
  readonly chosen: boolean;
}

function RowLine({ row, columns, now, chosen }: RowLineProps): ReactElement {
  if (row.is === "heading")
    return (
      <Text wrap="truncate" bold>
        {headings(row.section, columns, row.count)}
      </Text>
    );
  const { state, rest } = drawLine(row, columns, now);
  return (
    <Box>
      <Text inverse={chosen} color={HEALTH_COLOR[stateOf(row).health]}>
        {state}
      </Text>
      <VolatileText text={rest} width={columns - state.length} inverse={chosen} />
    </Box>
  );
}

/** Why there are no lines, and what to do about it. */
function emptyWords({ problem, loadedAt, filter, filterText }: TasksModel): readonly string[] {
  if (problem && loadedAt === null) return [`Tasks cannot be read: ${safeText(problem)}`, "Trying again."];
  if (loadedAt === null) return ["Reading tasks…"];
  if (filter) return [`Nothing matches the filter ${safeText(filterText)}`, "Escape clears it, / changes it."];
  return ["No task is there, and no worker runs.", "rig worker  takes tasks; rig up  has one within."];
}

function Empty({ model }: { model: TasksModel }): ReactElement {
  return (
    <Box flexDirection="column" paddingTop={1} paddingLeft={2}>
      {emptyWords(model).map((words) => (
        <Text key={words} wrap="truncate">
          {words}
        </Text>
      ))}
    </Box>
  );
}

/** The rows in sight; no other is made. */
export function List({ model }: { model: TasksModel }): ReactElement {
  const { rows, top, selected, now, size } = model;
  if (rows.length === 0) return <Empty model={model} />;
  return (
    <Box flexDirection="column">
      {rows.slice(top, top + bodyHeight(model)).map((row, index) => (
        <RowLine
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is a place on the screen; what moves is its text
          key={index}
          row={row}
          columns={size.columns}
          now={now}
          chosen={top + index === selected}
        />
      ))}
    </Box>
  );
}
