import { liveOf, type ViewerRates } from "../../domain/viewer-activity.ts";
import { perSecond, shortDuration } from "../figures.ts";
import { type Column, idEnd, type SectionLook } from "../live/section-columns.ts";
import { type Line, type Section, sessionText } from "./line.ts";

type Of<S extends Section> = Extract<Line, { is: S }>;

const RATE_WIDTH = 9;

const rate = <L>(heading: string, from: number, read: (line: L) => number): Column<L> => ({
  ...{ heading, width: RATE_WIDTH, align: "right", from },
  text: (line) => perSecond(read(line)),
});
const serverRate = (heading: string, from: number, read: (rates: ViewerRates) => number) =>
  rate<Of<"server">>(heading, from, ({ rates }) => read(rates));

const SERVER_COLUMNS: readonly Column<Of<"server">>[] = [
  serverRate("ISSUED/S", 0, ({ issued }) => issued),
  serverRate("RENEWED/S", 50, ({ renewed }) => renewed),
  serverRate("REFUSED/S", 0, ({ refused }) => refused),
  serverRate("ENDED/S", 90, ({ ended }) => ended),
  serverRate("FAILED/S", 70, ({ failed }) => failed),
  {
    ...{ heading: "AGE", width: 6, align: "right", from: 60 },
    text: ({ server }, now) => shortDuration(now - server.startedAt),
  },
];

const SESSION_COLUMNS: readonly Column<Of<"session">>[] = [
  {
    heading: "LIVE",
    width: RATE_WIDTH,
    align: "right",
    from: 0,
    text: ({ session }) => liveOf(session.live, session.limit),
  },
  rate("ASKED/S", 50, ({ session }) => session.asked),
  rate("REFUSED/S", 0, ({ session }) => session.refused),
];

const LOOKS: { readonly [S in Section]: SectionLook<Of<S>> } = {
  server: { name: "SERVER", columns: SERVER_COLUMNS, nameOf: ({ server }, width) => idEnd(server.serverId, width) },
  session: { name: "BUSIEST SESSION", columns: SESSION_COLUMNS, nameOf: ({ session }) => sessionText(session) },
};

/** How the lines of a section look. */
export const lookOf = (section: Section): SectionLook<never> => LOOKS[section];
