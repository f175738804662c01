import { isInstant } from "../domain/instant.ts";
import { type BusySession, VIEWER_EVENTS, type ViewerCounts, type ViewerServer } from "../domain/viewer-activity.ts";
import type { ViewerSummary } from "./viewer-servers.ts";

const MOST_BYTES = 4_096;
const MOST_NAME_CHARACTERS = 64;

/** What a server says of itself as it stands in a store: at most 4 KiB of JSON, with as many of the busiest as there is room for. */
export function viewerServerText({ startedAt, counts, recent }: ViewerSummary): string {
  const { at, ms, busiest } = recent;
  const head = { startedAt, counts, recent: { at, ms: Math.round(ms), counts: recent.counts } };
  let bytes = bytesOf({ ...head, busiest: [] });
  const rows = busiest.map(encodeSession);
  const room = rows.findIndex((row) => {
    bytes += bytesOf(row) + 1;
    return bytes > MOST_BYTES;
  });
  return JSON.stringify({ ...head, busiest: room < 0 ? rows : rows.slice(0, room) });
}

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

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
export function readViewerServer(serverId: string, text: string): ViewerServer[] {
  const said = objectOf(parsed(text));
  const recent = objectOf(said.recent);
  const [counts, recentCounts] = [countsOf(said.counts), countsOf(recent.counts)];
  const { at, ms } = recent;
  const startedAt = said.startedAt;
  const rows: unknown[] = Array.isArray(said.busiest) ? said.busiest : [];
  if (!counts || !recentCounts || !isInstant(startedAt) || !isInstant(at) || !isCount(ms)) return [];
  return [{ serverId, startedAt, counts, recent: { at, ms, counts: recentCounts, busiest: rows.flatMap(decodeRow) } }];
}

function decodeRow(row: unknown): BusySession[] {
  if (!Array.isArray(row)) return [];
  const [key, name, operations, refused, live, limit] = row;
  const isNamed = typeof key === "string" && (name === null || typeof name === "string");
  if (!isNamed || ![operations, refused, live, limit ?? 0].every(isCount)) return [];
  return [{ key, name, operations, refused, live, limit: limit ?? null }];
}

/** What this version does not know is left out; what another does not tell is none. */
function countsOf(said: unknown): ViewerCounts | null {
  if (typeof said !== "object" || said === null) return null;
  const counts = objectOf(said);
  const known = VIEWER_EVENTS.map((event) => [event, isCount(counts[event]) ? counts[event] : 0]);
  return Object.fromEntries(known);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // as good as nothing
  }
}

const isCount = (value: unknown): value is number => typeof value === "number" && value >= 0;
const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
