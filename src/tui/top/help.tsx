import type { ReactElement } from "react";
import { HEALTH_MARK } from "../../domain/stream-health.ts";
import { HelpPage } from "../live/help-page.tsx";
import { FIELDS } from "./fields.ts";

const FIELD_NAMES = Object.keys(FIELDS);
const HALF = Math.ceil(FIELD_NAMES.length / 2);

/** At most 63 characters a line, so that 80 columns show them whole. */
const HELP: readonly (readonly [string, string])[] = [
  ["j k ↓ ↑", "next, previous line       gg G Home End  first, last"],
  ["PgDn PgUp", "a screen down, up         Enter          details, and back"],
  ["/", "filter; Escape clears it  s  next sort order  I  invert it"],
  ["x", "drop the chosen stream's publisher (asks first)"],
  ["r", "retry now: the chosen relay, or all of the stream that wait"],
  ["f", "freeze and go on          + -  longer, shorter interval"],
  ["q Ctrl-C", "leave"],
  ["", ""],
  [`${HEALTH_MARK.live} live`, "pushing in real time; a stream: all its relays are"],
  [`${HEALTH_MARK.slow} slow`, "starting, behind, or nothing sent; a stream: some are not live"],
  [`${HEALTH_MARK.down} down`, "not pushing; a stream: no media comes in, or no relay pushes"],
  ["", ""],
  ["filter", "kbps<2000 state=live   age>10m   title~news   user!=bob"],
  ["fields", FIELD_NAMES.slice(0, HALF).join(" ")],
  ["", FIELD_NAMES.slice(HALF).join(" ")],
  ["operators", "= != ~ (contains) < <= > >=; all terms must hold; a bare word"],
  ["", "is looked for in titles, names, ids and reasons"],
];

/** What the keys do and how filters are written. */
export const Help = (): ReactElement => <HelpPage lines={HELP} />;
