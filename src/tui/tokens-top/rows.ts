import { type ActiveSession, type ViewerActivity, viewerRates } from "../../domain/viewer-activity.ts";
import type { Filter } from "../live/filter.ts";
import { type Row, sectionRows } from "../live/sections.ts";
import { type Line, sessionText } from "./line.ts";

/** What `s` goes through; it sorts the sessions. */
export const ORDERS = ["asked", "refused", "live", "session"] as const;
export type Order = (typeof ORDERS)[number];

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const COMPARE: Readonly<Record<Order, (a: ActiveSession, b: ActiveSession) => number>> = {
  asked: (a, b) => b.asked - a.asked,
  refused: (a, b) => b.refused - a.refused,
  live: (a, b) => b.live - a.live,
  session: (a, b) => byText(sessionText(a), sessionText(b)),
};

interface RowOptions {
  readonly order: Order;
  readonly inverted: boolean;
  readonly filter: Filter<Line> | null;
  readonly now: number;
}

/** All rows: the servers, then the busiest sessions, each below a heading. */
export function rowsOf({ servers, sessions }: ViewerActivity, options: RowOptions): readonly Row<Line>[] {
  const { order, inverted, filter, now } = options;
  const sign = inverted ? -1 : 1;
  const sorted = sessions.toSorted((a, b) => sign * COMPARE[order](a, b) || byText(a.key, b.key));
  return sectionRows<Line>(
    [
      [
        "server",
        servers.map((server) => ({
          ...{ is: "server", server },
          rates: viewerRates(server.recent.counts, server.recent.ms),
        })),
      ],
      ["session", sorted.map((session) => ({ is: "session", session }))],
    ],
    (line) => filter === null || filter(line, now),
  );
}
