import { filterParser } from "../live/filter.ts";
import { FIELDS } from "./fields.ts";
import type { Line } from "./line.ts";

/** Reads a filter of streams and relays; a bare word is looked for in titles, names, ids and reasons. */
export const parseFilter = filterParser<Line>({
  fields: FIELDS,
  texts: ({ status, publish, relay }) => [
    ...[status.title, status.username, status.id],
    ...[publish.agentId, relay?.destinationId, relay?.reason],
  ],
});
