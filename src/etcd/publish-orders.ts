import type { PublishOrders } from "../services/coordination.ts";
import type { Etcd } from "./client.ts";
import { remove } from "./operation.ts";

/** `wanted/` and `drops/` together: what an ended publish leaves behind. */
export function etcdPublishOrders(etcd: Etcd): PublishOrders {
  const { keys } = etcd;
  return {
    async clear(agentId, publishId) {
      const [wanted, drop] = [keys.wanted(agentId, publishId), keys.drop(agentId, publishId)];
      // Without a compare: publishIds are never used again, so even a late one removes nothing that is needed.
      await etcd.commit<void>({
        what: "clear a publish's orders",
        when: [],
        apply: [remove(wanted), remove(drop)],
        answer: () => {},
        settle: async (read) =>
          (await read(wanted)) === null && (await read(drop)) === null
            ? { was: "applied", value: undefined }
            : { was: "not applied" },
      });
    },
    async list() {
      const folders = [keys.allWanted, keys.allDrops];
      const listings = await Promise.all(folders.map((folder) => etcd.list(folder, { keysOnly: true })));
      const orders = new Map<string, { agentId: string; publishId: string }>();
      listings.forEach(({ entries }, i) => {
        for (const { key } of entries) {
          const [agentId, publishId] = keys.segments(key, folders[i] ?? "");
          if (agentId && publishId) orders.set(`${agentId}/${publishId}`, { agentId, publishId });
        }
      });
      return [...orders.values()];
    },
  };
}
