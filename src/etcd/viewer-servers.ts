import type { BusySession, ViewerServer } from "../domain/viewer-activity.ts";
import { VIEWER_EVENTS, type ViewerCounts } from "../domain/viewer-activity.ts";
import type { ViewerServers, ViewerSummary } from "../services/viewer-servers.ts";
import type { Etcd } from "./client.ts";
import { fromJson, toJson } from "./json-value.ts";
import type { ProcessLease } from "./process-lease.ts";
import { keepOwnKey } from "./tasks/own-key.ts";

/** Says at each beat of this process's lease (every 2 s) what its viewer tokens came to; an idle one is silent. @see keepOwnKey */
export function announceViewerServer(etcd: Etcd, lease: ProcessLease, summary: () => ViewerSummary) {
  return keepOwnKey(etcd, lease, {
    key: etcd.keys.viewerServer(lease.processId),
    what: "announce a server of viewer tokens",
    value: () => encodeServer(summary()),
  });
}

/** The servers that announced themselves in this etcd and live. */
export const etcdViewerServers = (etcd: Etcd): ViewerServers => ({
  async list() {
    const { viewerServers } = etcd.keys;
    const { entries } = await etcd.list(viewerServers, { pageKeys: 256 });
    return entries.flatMap(({ key, value }) => decodeServer(etcd.keys.segments(key, viewerServers).join("/"), value));
  },
});

const MOST_BYTES = 4_096;
const MOST_NAME_CHARACTERS = 64;

/** As many of the busiest as there is room for. */
function encodeServer({ startedAt, counts, recent }: ViewerSummary): Buffer {
  const { at, ms, busiest } = recent;
  const head = { startedAt, counts, recent: { at, ms: Math.round(ms), counts: recent.counts } };
  let bytes = toJson({ ...head, busiest: [] }).length;
  const rows = busiest.map(encodeSession);
  const room = rows.findIndex((row) => {
    bytes += Buffer.byteLength(JSON.stringify(row)) + 1;
    return bytes > MOST_BYTES;
  });
  return toJson({ ...head, busiest: room < 0 ? rows : rows.slice(0, room) });
}

const encodeSession = ({ key, name, operations, refused, live, limit }: BusySession) => [
  ...[key, name === null ? null : cutName(name)],
  ...[operations, refused, live, limit],
];

function cutName(name: string): string {
  const characters = [...name];
  return characters.length <= MOST_NAME_CHARACTERS
    ? name
    : `${characters.slice(0, MOST_NAME_CHARACTERS - 1).join("")}…`;
}

/** None where another hand wrote it, or another version that says it otherwise. */
function decodeServer(serverId: string, value: Buffer): ViewerServer[] {
  const said = fromJson(value);
  const recent = objectOf(said?.recent);
  const [counts, recentCounts] = [countsOf(said?.counts), countsOf(recent.counts)];
  const { at, ms } = recent;
  const startedAt = said?.startedAt;
  const rows: unknown[] = Array.isArray(said?.busiest) ? said.busiest : [];
  if (!counts || !recentCounts || !isCount(startedAt) || !isCount(at) || !isCount(ms)) return [];
  return [{ serverId, startedAt, counts, recent: { at, ms, counts: recentCounts, busiest: rows.flatMap(decodeRow) } }];
}

function decodeRow(row: unknown): BusySession[] {
  if (!Array.isArray(row)) return [];
  const [key, name, operations, refused, live, limit] = row;
  const isNamed = typeof key === "string" && (name === null || typeof name === "string");
  if (!isNamed || ![operations, refused, live, limit].every(isCount)) return [];
  return [{ key, name, operations, refused, live, limit }];
}

/** What this version does not know is left out; what another does not tell is none. */
function countsOf(said: unknown): ViewerCounts | null {
  if (typeof said !== "object" || said === null) return null;
  const counts = objectOf(said);
  const known = VIEWER_EVENTS.map((event) => [event, isCount(counts[event]) ? counts[event] : 0]);
  return Object.fromEntries(known);
}

const isCount = (value: unknown): value is number => typeof value === "number" && value >= 0;
const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
