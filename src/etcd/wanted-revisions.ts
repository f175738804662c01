import { RigError } from "../domain/errors.ts";
import type { WantedRevisions } from "../services/coordination.ts";
import type { Etcd } from "./client.ts";
import { inform } from "./informer.ts";
import { fromJson, toJson } from "./json-value.ts";
import { absent, get, type KeyValue, type Operation, put, unchanged } from "./operation.ts";

// Servers that change one stream at the same time: each round one of them wins.
const ROUNDS = 8;

/** The stream revision that each publish shall have; it only goes up, whoever writes last. */
export function etcdWantedRevisions(etcd: Etcd): WantedRevisions {
  return {
    async put(agentId, publishId, revision) {
      const key = etcd.keys.wanted(agentId, publishId);
      let present: KeyValue | null = null;
      for (let round = 0; round < ROUNDS; round++) {
        const left: KeyValue | null = await etcd.commit(raise(key, present, revision));
        if (left === null) return;
        present = left;
      }
      throw new RigError("CONFLICT", `etcd: ${key} changed ${ROUNDS} times in a row`);
    },
    watch: (agentId, onRevision, signal) => {
      const folder = etcd.keys.wantedOf(agentId);
      const onPut = (entry: KeyValue) => {
        const revision = readRevision(entry);
        if (revision !== null) onRevision(etcd.keys.segments(entry.key, folder)[0] ?? "", revision);
      };
      return inform(etcd, folder, { onPut }, signal);
    },
  };
}

/** Null once the key holds `revision` or more; else what it holds, to try again over. */
const raise = (key: string, present: KeyValue | null, revision: number): Operation<KeyValue | null> => ({
  what: "order a revision",
  when: [present ? unchanged(present) : absent(key)],
  apply: [put(key, toJson({ revision }))],
  otherwise: [get(key)],
  answer: ({ succeeded, found }) => (succeeded || reached(found[0] ?? null, revision) ? null : (found[0] ?? null)),
  settle: async (read) =>
    reached(await read(key), revision) ? { was: "applied", value: null } : { was: "not applied" },
});

const reached = (entry: KeyValue | null, revision: number): boolean =>
  entry !== null && (readRevision(entry) ?? -1) >= revision;

function readRevision({ value }: KeyValue): number | null {
  const { revision } = fromJson(value) ?? {};
  return typeof revision === "number" ? revision : null;
}
