import { liveSession } from "../domain/viewer-session.ts";
import { type BoardSession, hasLiveToken, isKnown, type ViewerBoard } from "../services/viewer-board.ts";
import type { Etcd } from "./client.ts";
import type { KeyValue } from "./operation.ts";
import { decodeViewers } from "./viewer-encoding.ts";
import { rangeEnd } from "./wire.ts";

const PAGE_SESSIONS = 500; // some 300 B each: 150 KiB an answer
const SESSION_KEY = /^[0-9a-f]{64}$/;
const NO_LIMIT = Number.POSITIVE_INFINITY; // what was written is shown: a lower limit is for the next operation

/** The viewer sessions in etcd, in order of their keys. What another hand wrote is passed over. */
export function etcdViewerBoard(etcd: Etcd, now: () => number = () => etcd.clock.now()): ViewerBoard {
  const { viewerSessions: folder } = etcd.keys;
  const before = rangeEnd(folder).toString();
  const keyOf = (entry: KeyValue) => entry.key.slice(folder.length);
  const read = (entry: KeyValue, at: number): BoardSession[] => {
    const key = keyOf(entry);
    if (!SESSION_KEY.test(key)) return [];
    try {
      const { name, ...session } = decodeViewers(entry.key, entry.value);
      return [{ key, name, ...liveSession(session, at, NO_LIMIT) }];
    } catch {
      return []; // whoever asks for that session hears what is wrong with it
    }
  };
  return {
    async page(from) {
      const place = from === null ? folder : `${folder}${from}\0`;
      const entries = await etcd.page({ from: place, before, limit: PAGE_SESSIONS });
      const [at, last] = [now(), entries.at(-1)];
      const sessions = entries.flatMap((entry) => read(entry, at)).filter(hasLiveToken);
      return { at, sessions, next: last ? keyOf(last) : null };
    },
    async show(key) {
      const found = await etcd.get(etcd.keys.viewerSession(key));
      const at = now();
      const [session] = found ? read(found, at) : [];
      return session && isKnown(session) ? { ...session, at } : null;
    },
  };
}
