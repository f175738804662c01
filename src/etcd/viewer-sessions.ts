import type { ViewerSessionStore } from "../services/viewer-tokens.ts";
import type { Etcd } from "./client.ts";
import { absent, get, type KeyValue, put } from "./operation.ts";

const ABSENT = "0";
const VALUE_BYTES = 256 * 1024; // 1,000 tokens, the highest limit there can be

/** Viewer sessions, one key each, written by compare-and-put on the revision that was read. */
export function etcdViewerSessions(etcd: Etcd): ViewerSessionStore {
  return {
    async read(session) {
      const entry = await etcd.get(etcd.keys.viewerSession(session));
      return entry
        ? { value: entry.value.toString("utf8"), version: String(entry.modRevision) }
        : { value: null, version: ABSENT };
    },
    async replace(session, version, value) {
      const key = etcd.keys.viewerSession(session);
      const bytes = Buffer.from(value);
      const isOurs = (found: KeyValue | null) => found?.value.equals(bytes) === true;
      return etcd.commit<boolean>({
        lane: "tokens",
        what: "change a viewer session",
        when: [version === ABSENT ? absent(key) : { key, modRevision: Number(version) }],
        apply: [put(key, bytes)],
        otherwise: [get(key, VALUE_BYTES)],
        answer: ({ succeeded, found }) => succeeded || isOurs(found[0] ?? null),
        // A value carries a token's hash and an instant of this very change: nobody else writes the same bytes.
        settle: async (read) => {
          const found = await read(key);
          if (isOurs(found)) return { was: "applied", value: true };
          return (found?.modRevision ?? 0) === Number(version)
            ? { was: "not applied" }
            : { was: "applied", value: false };
        },
      });
    },
  };
}
