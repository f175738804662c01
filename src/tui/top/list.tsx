import { Box, Text } from "ink";
import type { ReactElement } from "react";
import { EmptyList, emptyWords } from "../live/empty-list.tsx";
import { VolatileText } from "../volatile-text.tsx";
import { linesFrom } from "./arrangement.ts";
import { drawLine, headings } from "./columns.ts";
import { HEALTH_COLOR } from "./heading.tsx";
import type { Line } from "./line.ts";
import { bodyHeight, type TopModel } from "./model.ts";

interface RowProps {
  readonly line: Line;
  readonly columns: number;
  readonly now: number;
  readonly chosen: boolean;
}

function Row({ line, columns, now, chosen }: RowProps): ReactElement {
  const { state, rest } = drawLine(line, columns, now);
  return (
    <Box>
      <Text inverse={chosen} color={HEALTH_COLOR[line.health]}>
        {state}
      </Text>
      <VolatileText text={rest} width={columns - state.length} inverse={chosen} />
    </Box>
  );
}

const NONE = [
  "No stream is live.",
  "rig streams add --user NAME --title TITLE  gives a stream key to publish with;",
  "rig demo  publishes a test clip. What is live shows here at once.",
];

/** The columns' names and the lines in sight; no other line is made. */
export function List({ model }: { model: TopModel }): ReactElement {
  const { columns } = model.size;
  if (model.arrangement.lineCount === 0) return <EmptyList words={emptyWords(model, "Live streams", NONE)} />;
  const lines = linesFrom(model.arrangement, model.top, bodyHeight(model));
  return (
    <Box flexDirection="column">
      <Text wrap="truncate" bold>
        {headings(columns)}
      </Text>
      {lines.map((line, index) => (
        <Row
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is a place on the screen; what moves is its text
          key={index}
          line={line}
          columns={columns}
          now={model.now}
          chosen={model.top + index === model.selected}
        />
      ))}
    </Box>
  );
}
