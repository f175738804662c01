import { Box, Text } from "ink";
import type { ReactElement } from "react";
import { VolatileText } from "../volatile-text.tsx";
import { HEALTH_COLOR, type LineState, MARK } from "./health.ts";
import type { Size } from "./model.ts";
import { bodyHeight } from "./sections.ts";

/** One thing that is known of a line. */
export type Fact = readonly [label: string, text: string];

const LABEL_WIDTH = 14;
const INDENT = 2;

interface FactsProps {
  readonly model: { readonly size: Size };
  readonly state: LineState;
  readonly facts: readonly Fact[];
}

/** All that is known of a line. */
export function Facts({ model, state, facts }: FactsProps): ReactElement {
  const width = Math.max(1, model.size.columns - LABEL_WIDTH - INDENT);
  return (
    <Box flexDirection="column" height={bodyHeight(model)} overflowY="hidden" paddingTop={1} paddingLeft={INDENT}>
      <Text color={HEALTH_COLOR[state.health]}>{`${MARK[state.health]} ${state.word}`}</Text>
      {facts.map(([label, text]) => (
        <Box key={label}>
          <Text bold>{label.padEnd(LABEL_WIDTH)}</Text>
          <VolatileText text={text} width={width} />
        </Box>
      ))}
    </Box>
  );
}
