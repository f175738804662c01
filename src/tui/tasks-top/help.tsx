import type { ReactElement } from "react";
import { MARK } from "../live/health.ts";
import { HelpPage } from "../live/help-page.tsx";
import { FIELDS } from "./filter.ts";

/** At most 63 characters a line, so that 80 columns show them whole. */
const HELP: readonly (readonly [string, string])[] = [
  ["j k ↓ ↑", "next, previous line       gg G Home End  first, last"],
  ["PgDn PgUp", "a screen down, up         Enter          details, and back"],
  ["/", "filter; Escape clears it  s  next sort order  I  invert it"],
  ["x", "cancel the chosen running task (asks first)"],
  ["r", "run the dead tasks of the chosen kind again (asks first)"],
  ["p", "pause the chosen kind, or resume it"],
  ["f", "freeze and go on          + -  longer, shorter interval"],
  ["q Ctrl-C", "leave"],
  ["", ""],
  [`${MARK.good} ok`, "a kind that flows    running, live: a task, a worker"],
  [`${MARK.odd} paused`, "a kind that begins nothing    again: not its first try"],
  [`${MARK.bad} dead`, "a kind with tasks that were given up"],
  [`${MARK.bad} unserved`, "a kind with ready tasks that no worker takes"],
  ["done/s", "tries that ended well a second, over 10 s; failed/s: failed"],
  ["growth/s", "open tasks of a kind: how many more a second, over 10 s"],
  ["", ""],
  ["filter", "kind=mail age>10m   try>1   worker~edge   state!=ok"],
  ["fields", Object.keys(FIELDS).join(" ")],
  ["operators", "= != ~ (contains) < <= > >=; all terms must hold; a bare word"],
  ["", "is looked for in kinds, ids, workers and notes"],
];

/** What the keys do and how filters are written. */
export const Help = (): ReactElement => <HelpPage lines={HELP} />;
