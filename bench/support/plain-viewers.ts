import type { Etcd3 } from "etcd3";
import { decideViewer } from "../../src/domain/viewer-rule.ts";
import { NO_VIEWERS } from "../../src/domain/viewer-session.ts";
import { etcdKeys } from "../../src/etcd/keys.ts";
import { put } from "../../src/etcd/operation.ts";
import { decodeViewers, encodeViewers } from "../../src/etcd/viewer-encoding.ts";
import { toMessage } from "../../src/etcd/wire.ts";
import type { ViewerSessionStore } from "../../src/services/viewer-session-store.ts";

/** Viewer sessions in etcd the plain way: reads the session's key, then one compare-and-put, again where it lost; remembers nothing. */
export function plainViewers(client: Etcd3, prefix: string): ViewerSessionStore {
  const keys = etcdKeys(prefix);
  return {
    async apply(session, operation) {
      const key = keys.viewerSession(session.key);
      for (;;) {
        const { kvs } = await client.kv.range({ key: Buffer.from(key) });
        const before = kvs[0] ? decodeViewers(key, kvs[0].value) : NO_VIEWERS;
        const { session: after, answer } = decideViewer(before, operation, Date.now());
        if (after === before) return answer;
        const value = encodeViewers({ name: session.name, ...after });
        const when = [{ key, modRevision: Number(kvs[0]?.mod_revision ?? 0) }];
        const { succeeded } = await client.kv.txn(toMessage({ when, apply: [put(key, value)] }));
        if (succeeded) return answer;
      }
    },
  };
}
