import { Box, Text } from "ink";
import type { ReactElement } from "react";
import { HEALTH_MARK } from "../../domain/stream-health.ts";
import { FIELDS } from "./fields.ts";

const KEY_WIDTH = 16;

const HELP: readonly (readonly [string, string])[] = [
  ["j k ↓ ↑", "next, previous line        gg G Home End  first, last"],
  ["PgDn PgUp", "a screen down, up          Enter          details, and back"],
  ["/", "filter; Escape clears it   s  next sort order   I  invert it"],
  ["x", "drop the chosen stream's publisher (asks first)"],
  ["r", "retry now: the chosen relay, or all of the stream that wait"],
  ["f", "freeze and go on           + -  longer, shorter refresh interval"],
  ["q Ctrl-C", "leave"],
  ["", ""],
  [
    "signs",
    `${HEALTH_MARK.live} live: in real time   ${HEALTH_MARK.slow} slow: starting, or behind   ${HEALTH_MARK.down} down: not pushing`,
  ],
  ["filter", "kbps<2000 state=live   age>10m   title~news   user!=bob"],
  ["fields", Object.keys(FIELDS).join(" ")],
  ["operators", "= != ~ (contains) < <= > >=, all terms must hold; a bare word"],
  ["", "is looked for in titles, names, ids and reasons"],
];

/** What the keys do and how filters are written. */
export function Help(): ReactElement {
  return (
    <Box flexDirection="column" paddingLeft={1}>
      {HELP.map(([keys, words]) => (
        <Text key={keys + words} wrap="truncate">
          <Text bold>{keys.padEnd(KEY_WIDTH)}</Text>
          {words}
        </Text>
      ))}
    </Box>
  );
}
