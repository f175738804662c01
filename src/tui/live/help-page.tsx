import { Box, Text } from "ink";
import type { ReactElement } from "react";

const KEY_WIDTH = 16;

/** What the keys do and how filters are written: keys and words, at most 63 characters of these, so that 80 columns show them. */
export function HelpPage({ lines }: { lines: readonly (readonly [string, string])[] }): ReactElement {
  return (
    <Box flexDirection="column" paddingLeft={1}>
      {lines.map(([keys, words], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines never change
        <Text key={index} wrap="truncate">
          <Text bold>{keys.padEnd(KEY_WIDTH)}</Text>
          {words}
        </Text>
      ))}
    </Box>
  );
}
