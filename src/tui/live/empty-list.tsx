import { Box, Text } from "ink";
import type { ReactElement } from "react";
import { safeText } from "../../domain/safe-text.ts";
import type { LiveModel } from "./model.ts";

/** Why a list has no lines, and what to do about it; `none`: what to say where there is nothing. */
export function emptyWords(
  { problem, loadedAt, filter, filterText }: LiveModel<never, unknown>,
  what: string,
  none: readonly string[],
): readonly string[] {
  const lowered = what.charAt(0).toLowerCase() + what.slice(1);
  if (problem && loadedAt === null) return [`${what} cannot be read: ${safeText(problem)}`, "Trying again."];
  if (loadedAt === null) return [`Reading ${lowered}…`];
  if (filter) return [`Nothing matches the filter ${safeText(filterText)}`, "Escape clears it, / changes it."];
  return none;
}

/** A list without lines. */
export function EmptyList({ words }: { words: readonly string[] }): ReactElement {
  return (
    <Box flexDirection="column" paddingTop={1} paddingLeft={2}>
      {words.map((line) => (
        <Text key={line} wrap="truncate">
          {line}
        </Text>
      ))}
    </Box>
  );
}
