import type { OutboxTask } from "../domain/task.ts";
import type { RefusedOrder } from "../domain/task-status.ts";
import type { OutboxStore } from "../services/send-outbox.ts";
import type { RefusedOrders } from "../services/task-desk.ts";
import type { Database, Queryable } from "./database.ts";
import { toDate } from "./instants.ts";

/** Orders tasks within the transaction whose rows they belong to. The same id is ordered once. */
export async function addToOutbox(tx: Queryable, tasks: readonly OutboxTask[], at: number): Promise<void> {
  if (tasks.length === 0) return;
  await tx.query(
    `insert into outbox (id, kind, payload, created_at)
     select r ->> 'id', r ->> 'kind', r -> 'payload', $2::timestamptz from jsonb_array_elements($1::jsonb) r on conflict (id) do nothing`,
    [JSON.stringify(tasks), toDate(at)],
  );
}

/** Tasks that were committed and wait to be sent to etcd. */
export function outboxStore(database: Database): OutboxStore {
  return {
    list: (limitOfKind) =>
      database.query<OutboxTask>(
        `select oldest.* from (select distinct kind from outbox where refused_at is null order by kind) kinds
          cross join lateral (select id, kind, payload from outbox where kind = kinds.kind and refused_at is null
                               order by created_at, id limit $1) oldest`,
        [limitOfKind],
      ),
    async remove(ids) {
      await database.query("delete from outbox where id = any($1)", [ids]);
    },
    async refuse(id, reason, at) {
      await database.query("update outbox set refused_at = $2, reason = $3 where id = $1", [id, toDate(at), reason]);
    },
  };
}

/** Rows of the outbox that can never be tasks as they stand, for operators. */
export const refusedOrders = (database: Database): RefusedOrders => ({
  list: ({ kind, limit }) =>
    database.query<RefusedOrder>(
      `select id, kind, octet_length(payload::text) as "payloadBytes", created_at as "orderedAt",
              refused_at as "refusedAt", coalesce(reason, '') as reason
         from outbox where refused_at is not null and ($1::text is null or kind = $1)
        order by refused_at, id limit $2`,
      [kind, limit],
    ),
  async sendAgain(id) {
    const sent = await database.query(
      `update outbox set refused_at = null, reason = null
        where refused_at is not null and ($1::text is null or id = $1) returning id`,
      [id],
    );
    return sent.length;
  },
});
