import type { DropOrders } from "../services/coordination.ts";
import type { Etcd } from "./client.ts";
import { inform } from "./informer.ts";
import { fromJson, toJson } from "./json-value.ts";
import { absent, put } from "./operation.ts";

/** Publishes to disconnect; the first reason stands. */
export function etcdDropOrders(etcd: Etcd): DropOrders {
  return {
    async put(agentId, publishId, reason) {
      const key = etcd.keys.drop(agentId, publishId);
      await etcd.commit<void>({
        what: "order a drop",
        when: [absent(key)],
        apply: [put(key, toJson({ reason }))],
        answer: () => {}, // either it is ours, or the publish was to be dropped already
        settle: async (read) => ((await read(key)) ? { was: "applied", value: undefined } : { was: "not applied" }),
      });
    },
    watch: (agentId, onDrop, signal) => {
      const folder = etcd.keys.dropsOf(agentId);
      return inform(
        etcd,
        folder,
        {
          onPut(entry) {
            const { reason } = fromJson(entry.value) ?? {};
            if (typeof reason === "string") onDrop(etcd.keys.segments(entry.key, folder)[0] ?? "", reason);
          },
        },
        signal,
      );
    },
  };
}
