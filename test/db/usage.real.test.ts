import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listAudit } from "../../src/db/audit.ts";
import type { Database } from "../../src/db/database.ts";
import { publishStore } from "../../src/db/publishes.ts";
import { usageStore } from "../../src/db/usage.ts";
import type { UsageReport } from "../../src/domain/usage.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { AT, entry, seedPublish, seedStream } from "./seed.ts";

let fresh: FreshDatabase;
let database: Database;

beforeEach(async () => {
  fresh = await freshDatabase();
  database = fresh.database;
});

afterEach(() => fresh.drop());

const entryFor = (publishId: string, change: string) => entry(`publish.${change}`, publishId);

const record = (reports: readonly UsageReport[], at = AT, agentId = "edge-1") =>
  usageStore(database).record(agentId, reports, at, entryFor);

/** What a publish would have reported at its `step`-th report. */
const report = (publishId: string, step: number, more: Partial<UsageReport> = {}): UsageReport => ({
  publishId,
  liveSeconds: step * 5.25,
  ingestBytes: step * 1_000_003,
  destinations: ["d1", "d2"].map((destinationId) => ({
    destinationId,
    egressSeconds: step * 5,
    egressBytes: step * 999_983,
  })),
  end: null,
  ...more,
});

/** A repeatable shuffle. */
function shuffled<T>(items: readonly T[]): T[] {
  let seed = 7;
  const next = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed;
  };
  return items
    .map((item) => ({ item, order: next() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

async function sums() {
  const [row] = await database.query<Record<string, number>>(
    `select (select coalesce(sum(live_ms), 0) from usage_ledgers) - (select coalesce(sum(live_ms), 0) from publishes) as live,
            (select coalesce(sum(ingest_bytes), 0) from usage_ledgers) - (select coalesce(sum(ingest_bytes), 0) from publishes) as ingest,
            (select coalesce(sum(egress_ms), 0) from usage_ledgers) - (select coalesce(sum(egress_ms), 0) from destination_usage) as egress,
            (select coalesce(sum(egress_bytes), 0) from usage_ledgers) - (select coalesce(sum(egress_bytes), 0) from destination_usage) as bytes`,
  );
  return row;
}

const LEDGERS_EQUAL_RUNS = { live: 0, ingest: 0, egress: 0, bytes: 0 };

describe("usageStore.record", () => {
  it("counts what grew, once, and answers a repeated report alike", async () => {
    const seed = await seedStream(database, "alice");
    const { id } = await seedPublish(database, seed);

    const first = await record([report(id, 2)]);
    const again = await record([report(id, 2)]);

    expect(first).toEqual([
      { publishId: id, known: true, revision: 0, drop: null, creditUntilSeconds: null, creditSeq: 0 },
    ]);
    expect(again).toEqual(first);
    expect(await usageStore(database).list("2026-11", seed.user.id)).toEqual([
      {
        userId: seed.user.id,
        username: "alice",
        period: "2026-11",
        liveSeconds: 10.5,
        ingestBytes: 2_000_006,
        egressSeconds: 20,
        egressBytes: 3_999_932,
      },
    ]);
  });

  it("stays exact over 64 parallel reports with duplicates, losses and any order, of publishes that share users", async () => {
    const seeds = await Promise.all([seedStream(database), seedStream(database)]);
    const publishes = await Promise.all([0, 1, 0, 1].map((n) => seedPublish(database, seeds[n]!)));
    const steps = Array.from({ length: 32 }, (_, step) => step + 1);
    const batches = [...steps, ...steps].map((step) =>
      // the last report of each always arrives, of the others every fifth is lost
      shuffled(publishes.filter((_, n) => step === 32 || (step + n) % 5 !== 0).map(({ id }) => report(id, step))),
    );

    await Promise.all(shuffled(batches).map((batch) => record(batch)));

    expect(await sums()).toEqual(LEDGERS_EQUAL_RUNS);
    const usage = await usageStore(database).list("2026-11");
    expect(usage.map((u) => [u.liveSeconds, u.ingestBytes, u.egressSeconds, u.egressBytes])).toEqual([
      [2 * 32 * 5.25, 2 * 32 * 1_000_003, 2 * 2 * 32 * 5, 2 * 2 * 32 * 999_983],
      [2 * 32 * 5.25, 2 * 32 * 1_000_003, 2 * 2 * 32 * 5, 2 * 2 * 32 * 999_983],
    ]);
  });

  it("takes the highest of one publish that is in a batch twice", async () => {
    const { id } = await seedPublish(database, await seedStream(database));

    const answers = await record([report(id, 3), report(id, 1)]);

    expect(answers.map(({ known }) => known)).toEqual([true, true]);
    expect(await sums()).toEqual(LEDGERS_EQUAL_RUNS);
    expect(await database.query("select live_ms from publishes")).toEqual([{ live_ms: 15_750 }]);
  });

  it("books growth of one counter where another stands still", async () => {
    const { id } = await seedPublish(database, await seedStream(database));
    await record([report(id, 1)]);

    await record([report(id, 1, { ingestBytes: 5_000_000 })]);

    expect(await database.query("select ingest_bytes from usage_ledgers")).toEqual([{ ingest_bytes: 5_000_000 }]);
  });

  it("books each month what grew in it", async () => {
    const { id } = await seedPublish(database, await seedStream(database));

    await record([report(id, 1)], Date.UTC(2026, 10, 30, 23, 59, 59));
    await record([report(id, 3)], Date.UTC(2026, 11, 1));

    expect(await database.query("select period, live_ms from usage_ledgers order by period")).toEqual([
      { period: "2026-11", live_ms: 5_250 },
      { period: "2026-12", live_ms: 10_500 },
    ]);
  });

  it("knows nothing of a publish that is unknown or another agent's, and records nothing of it", async () => {
    const { id } = await seedPublish(database, await seedStream(database), "edge-2");

    const answers = await record([report(id, 1), report("unknown", 1)]);

    expect(answers.map(({ known }) => known)).toEqual([false, false]);
    expect(await database.query("select from usage_ledgers")).toEqual([]);
    expect(await database.query("select from destination_usage")).toEqual([]);
  });

  it("tells the drop that was asked for, and the stream's present revision", async () => {
    const { id, streamId } = await seedPublish(database, await seedStream(database));
    await publishStore(database).requestDrop(id, "operator", entry("stream.drop", "s"));
    await publishStore(database).requestDrop(id, "quota", entry("stream.drop", "s"));
    await database.query("update streams set revision = 9 where id = $1", [streamId]);

    const [answer] = await record([report(id, 1)]);

    expect(answer).toMatchObject({ drop: "operator", revision: 9 });
  });

  it("ends a publish with its last report, once, and books what comes late without opening it again", async () => {
    const { id } = await seedPublish(database, await seedStream(database));

    await record([report(id, 2, { end: "unpublished" })]);
    await record([report(id, 2, { end: "idle" })], AT + 5_000);
    await record([report(id, 4)], AT + 10_000);

    expect(await database.query("select ended_at, end_reason, live_ms from publishes")).toEqual([
      { ended_at: AT, end_reason: "unpublished", live_ms: 21_000 },
    ]);
    expect(await sums()).toEqual(LEDGERS_EQUAL_RUNS);
    expect((await listAudit(database, { subject: id })).map(({ action }) => action)).toEqual([
      "publish.ended",
      "publish.accept",
    ]);
  });

  it("opens a publish again that was given up as orphaned, when its agent reports again", async () => {
    const { id } = await seedPublish(database, await seedStream(database));
    await publishStore(database).close(id, "orphaned", entry("publish.end", id));

    await record([report(id, 1)]);

    expect(await database.query("select ended_at, end_reason from publishes")).toEqual([
      { ended_at: null, end_reason: null },
    ]);
    expect((await listAudit(database, { subject: id }))[0]?.action).toBe("publish.reopened");
  });
});
