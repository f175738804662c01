import { filterParser, type Value } from "../live/filter.ts";
import { type Line, stateOf } from "./line.ts";

type Read = (line: Line) => Value | null;

/** The names that a filter may use: `session~eve refused>0`. What a line has not, it does not pass. */
export const FIELDS = {
  state: (line) => stateOf(line).word,
  session: (line) => (line.is === "session" ? (line.session.name ?? line.session.key) : undefined),
  server: (line) => (line.is === "server" ? line.server.serverId : undefined),
  asked: (line) => (line.is === "session" ? line.session.asked : line.rates.operations),
  refused: (line) => (line.is === "session" ? line.session.refused : line.rates.refused),
  failed: (line) => (line.is === "server" ? line.rates.failed : undefined),
  live: (line) => (line.is === "session" ? line.session.live : undefined),
  limit: (line) => (line.is === "session" ? (line.session.limit ?? undefined) : undefined),
} as const satisfies Record<string, Read>;

/** Reads a filter; a bare word is looked for in the sessions' names and keys, and in the servers' ids. */
export const parseFilter = filterParser<Line>({
  fields: FIELDS as Record<string, (line: Line) => Value>,
  texts: (line) => (line.is === "server" ? [line.server.serverId] : [line.session.name, line.session.key]),
});
