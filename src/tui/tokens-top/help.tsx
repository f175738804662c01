import type { ReactElement } from "react";
import { MARK } from "../live/health.ts";
import { HelpPage } from "../live/help-page.tsx";
import { FIELDS } from "./filter.ts";

/** At most 63 characters a line, so that 80 columns show them whole. */
const HELP: readonly (readonly [string, string])[] = [
  ["j k ↓ ↑", "next, previous line       gg G Home End  first, last"],
  ["PgDn PgUp", "a screen down, up         Enter          details, and back"],
  ["/", "filter; Escape clears it  s  next sort order  I  invert it"],
  ["f", "freeze and go on          + -  longer, shorter interval"],
  ["q Ctrl-C", "leave"],
  ["", ""],
  [`${MARK.good} ok`, "a session with room     full: it has all it may have"],
  [`${MARK.odd} refused`, "a session of which a viewer was refused of late"],
  [`${MARK.bad} failing`, "a server whose store did not answer"],
  ["a second", "each server counts for 2 s and then tells; idle ones rest"],
  ["busiest", "the 16 at most that each server was asked for most"],
  ["refused", "no room, or a renewal of a token that does not live"],
  ["", ""],
  ["filter", "session~eve refused>0   state=full   asked>10"],
  ["fields", Object.keys(FIELDS).join(" ")],
  ["operators", "= != ~ (contains) < <= > >=; all terms must hold; a bare word"],
  ["", "is looked for in names, keys and ids"],
];

/** What the keys do and how filters are written. */
export const Help = (): ReactElement => <HelpPage lines={HELP} />;
