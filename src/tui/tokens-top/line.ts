import type { ActiveSession, ViewerRates, ViewerServer } from "../../domain/viewer-activity.ts";
import type { LineState } from "../live/health.ts";

/** One line that can be chosen. */
export type Line =
  | { readonly is: "server"; readonly server: ViewerServer; readonly rates: ViewerRates }
  | { readonly is: "session"; readonly session: ActiveSession };

export type Section = Line["is"];

/** Which line is meant, whatever the order is by now. */
export const lineId = (line: Line): string =>
  line.is === "server" ? `server/${line.server.serverId}` : `session/${line.session.key}`;

/** What a session is called: its name, or where that is long its hash. */
export const sessionText = ({ name, key }: ActiveSession): string => name ?? `#${key}`;

/** The state of a line in a word, and how good that is. */
export function stateOf(line: Line): LineState {
  if (line.is === "server") {
    const { failed, operations } = line.rates;
    if (failed > 0) return { word: "failing", health: "bad" };
    return { word: operations > 0 ? "serving" : "idle", health: "good" };
  }
  const { refused, live, limit } = line.session;
  if (refused > 0) return { word: "refused", health: "odd" };
  return { word: limit !== null && live >= limit ? "full" : "ok", health: "good" };
}
