import type { Redis } from "ioredis";
import { invalidInput } from "../domain/errors.ts";
import { liveSession } from "../domain/viewer-session.ts";
import { readViewers } from "../services/stored-viewers.ts";
import {
  type BoardPage,
  type BoardSession,
  hasLiveToken,
  isKnown,
  type ViewerBoard,
} from "../services/viewer-board.ts";
import type { RedisClient } from "./client.ts";
import { mastersOf } from "./connection.ts";
import { timeOf } from "./time.ts";

const PAGE_KEYS = 500;
const NO_LIMIT = Number.POSITIVE_INFINITY; // what was written is shown: a lower limit is for the next operation

/**
 * The viewer sessions in Redis, by SCAN, one master of a cluster after the other: what moves from one to another meanwhile
 * may be missed. What another hand wrote is passed over.
 */
export function redisViewerBoard(redis: RedisClient): ViewerBoard {
  const { keys } = redis;
  const read = (key: string, value: string | null, at: number): BoardSession[] => {
    const hash = keys.sessionHashOf(key);
    if (hash === null || value === null) return [];
    try {
      const { name, ...session } = readViewers(`redis: ${key}`, value);
      return [{ key: hash, name, ...liveSession(session, at, NO_LIMIT) }];
    } catch {
      return []; // whoever asks for that session hears what is wrong with it
    }
  };
  return {
    page: async (from) => {
      const place = from === null ? { master: 0, cursor: "0" } : placeOf(from);
      return redis.read("list viewer sessions", async (connection): Promise<BoardPage> => {
        const masters = mastersOf(connection).toSorted((a, b) => endpointOf(a).localeCompare(endpointOf(b)));
        const master = masters[place.master];
        if (!master) return { at: await timeOf(connection), sessions: [], next: null };
        const [cursor, found] = await scan(master, place.cursor, keys.viewerSessions);
        const at = await timeOf(master);
        const values = await Promise.all(found.map((key) => connection.get(key)));
        const next = cursor === "0" ? { master: place.master + 1, cursor } : { ...place, cursor };
        return {
          at,
          sessions: found.flatMap((key, i) => read(key, values[i] ?? null, at)).filter(hasLiveToken),
          next: next.master < masters.length ? `${next.master}-${next.cursor}` : null,
        };
      });
    },
    show: (hash) =>
      redis.read("show a viewer session", async (connection) => {
        const key = keys.viewerSession(hash);
        const [value, at] = [await connection.get(key), await timeOf(connection)];
        const [session] = read(key, value, at);
        return session && isKnown(session) ? { ...session, at } : null;
      }),
  };
}

const scan = (master: Redis, cursor: string, pattern: string) =>
  master.scan(cursor, "MATCH", pattern, "COUNT", PAGE_KEYS, "TYPE", "string");

const endpointOf = ({ options }: Redis): string => `${options.host}:${options.port}`;

/** Which master, and where in it. */
function placeOf(from: string): { readonly master: number; readonly cursor: string } {
  const [, master, cursor] = /^(\d+)-(\d+)$/.exec(from) ?? [];
  if (master === undefined || cursor === undefined)
    throw invalidInput("from", `must be a place that a page told, got ${JSON.stringify(from)}`);
  return { master: Number(master), cursor };
}
