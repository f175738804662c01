import { monthOf, type UsageReport, type UserUsage } from "../domain/usage.ts";
import type { UsageStore } from "../services/publishes.ts";
import { appendAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { toDate } from "./instants.ts";

interface RecordedRow {
  readonly publishId: string;
  readonly streamRevision: number;
  readonly dropReason: string | null;
  readonly change: "ended" | "reopened" | null;
}

/** Usage in PostgreSQL: counters on each publish, and their growth summed per user and month (migration 0002). */
export function usageStore(database: Database): UsageStore {
  return {
    async record(agentId, reports, now, entryFor) {
      if (reports.length === 0) return [];
      const rows = await database.transaction(async (tx) => {
        const recorded = await tx.query<RecordedRow>(
          `select publish_id as "publishId", stream_revision as "streamRevision", drop_reason as "dropReason", change
             from record_usage($1, $2, $3, $4)`,
          [agentId, JSON.stringify(reports.map(toCounters)), monthOf(now), toDate(now)],
        );
        const entries = recorded.flatMap(({ publishId, change }) => (change ? [entryFor(publishId, change)] : []));
        await appendAudit(tx, entries);
        return recorded;
      });
      const byId = new Map(rows.map((row) => [row.publishId, row]));
      return reports.map(({ publishId }) => {
        const row = byId.get(publishId);
        return {
          publishId,
          known: row !== undefined,
          revision: row?.streamRevision ?? 0,
          drop: row?.dropReason ?? null,
          creditUntilSeconds: null,
          creditSeq: 0,
        };
      });
    },
    async list(period, userId) {
      const rows = await database.query<
        Omit<UserUsage, "liveSeconds" | "egressSeconds"> & { liveMs: number; egressMs: number }
      >(
        `select users.id as "userId", users.username, $1 as period, coalesce(l.live_ms, 0) as "liveMs",
                coalesce(l.ingest_bytes, 0) as "ingestBytes", coalesce(l.egress_ms, 0) as "egressMs",
                coalesce(l.egress_bytes, 0) as "egressBytes"
           from users left join usage_ledgers l on l.user_id = users.id and l.period = $1
          where $2::text is null or users.id = $2 order by users.username`,
        [period, userId ?? null],
      );
      return rows.map(({ liveMs, egressMs, ...row }) => ({
        ...row,
        liveSeconds: liveMs / 1000,
        egressSeconds: egressMs / 1000,
      }));
    },
  };
}

/** Whole milliseconds and bytes: sums of them are exact. */
const toCounters = ({ publishId, liveSeconds, ingestBytes, destinations, end }: UsageReport) => ({
  publishId,
  liveMs: Math.round(liveSeconds * 1000),
  ingestBytes: Math.round(ingestBytes),
  end,
  destinations: destinations.map(({ destinationId, egressSeconds, egressBytes }) => ({
    destinationId,
    egressMs: Math.round(egressSeconds * 1000),
    egressBytes: Math.round(egressBytes),
  })),
});
