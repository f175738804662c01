import {
  type ActiveSession,
  liveOf,
  type ViewerActivity,
  type ViewerRates,
  type ViewerServer,
  viewerRates,
} from "../../src/domain/viewer-activity.ts";
import { formatOf, type OutputFlags, printOne, printRows, type View } from "../../src/runtime/cli/output.ts";
import { writeData } from "../../src/runtime/cli/write.ts";

const iso = (at: number): string => new Date(at).toISOString();
const ratesOf = ({ recent }: ViewerServer): ViewerRates => viewerRates(recent.counts, recent.ms);
const oneDigit = (rate: number): number => Math.round(10 * rate) / 10;

const rate = (head: string, read: (rates: ViewerRates) => number) => ({
  ...{ head, align: "right" as const },
  cell: (server: ViewerServer) => read(ratesOf(server)).toFixed(1),
});

const serverView: View<ViewerServer> = {
  columns: [
    { head: "SERVER", cell: ({ serverId }) => serverId },
    rate("ISSUED/S", ({ issued }) => issued),
    rate("RENEWED/S", ({ renewed }) => renewed),
    rate("ENDED/S", ({ ended }) => ended),
    rate("REFUSED/S", ({ refused }) => refused),
    rate("FAILED/S", ({ failed }) => failed),
    { head: "SINCE", cell: ({ startedAt }) => iso(startedAt) },
  ],
  json: (server) => ({
    ...{ server: server.serverId, startedAt: iso(server.startedAt), countedAt: iso(server.recent.at) },
    counts: server.counts,
    perSecond: Object.fromEntries(Object.entries(ratesOf(server)).map(([name, value]) => [name, oneDigit(value)])),
  }),
  name: ({ serverId }) => serverId,
};

const activeSessionView: View<ActiveSession> = {
  columns: [
    { head: "SESSION", cell: ({ key, name }) => name ?? `--key ${key}` },
    { head: "ASKED/S", cell: ({ asked }) => asked.toFixed(1), align: "right" },
    { head: "REFUSED/S", cell: ({ refused }) => refused.toFixed(1), align: "right" },
    { head: "LIVE", cell: ({ live, limit }) => liveOf(live, limit), align: "right" },
  ],
  json: ({ key, name, asked, refused, live, limit }) => ({
    ...{ session: name, key, live, limit },
    ...{ askedPerSecond: oneDigit(asked), refusedPerSecond: oneDigit(refused) },
  }),
  name: ({ key }) => key,
};

/** One snapshot as scripts get it; `at`: when it was taken, ms since epoch. */
const activityView = (at: number): View<ViewerActivity> => ({
  columns: [],
  json: ({ servers, sessions }) => ({
    at: iso(at),
    servers: servers.map(serverView.json),
    sessions: sessions.map(activeSessionView.json),
  }),
  name: () => "",
});

/** Prints one snapshot: two tables, or one object. `at`: when it was taken, ms since epoch. */
export async function printActivity(activity: ViewerActivity, at: number, flags: OutputFlags): Promise<void> {
  const format = formatOf(flags);
  if (format === "name") return printRows(activity.sessions, activeSessionView, flags);
  if (format !== "table") return printOne(activity, activityView(at), flags);
  await printRows(activity.servers, serverView, flags);
  await writeData("\n");
  await printRows(activity.sessions, activeSessionView, flags);
}
