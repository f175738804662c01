import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { appendAudit, listAudit, verifyAudit } from "../../src/db/audit.ts";
import type { Database } from "../../src/db/database.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { entry } from "./seed.ts";

let fresh: FreshDatabase;
let database: Database;

beforeEach(async () => {
  fresh = await freshDatabase();
  database = fresh.database;
});

afterEach(() => fresh.drop());

const append = (...subjects: string[]) =>
  database.transaction((tx) =>
    appendAudit(
      tx,
      subjects.map((subject) => entry("user.add", subject)),
    ),
  );

describe("the audit trail", () => {
  it("verifies when empty, and gives entries back as they were written, newest first", async () => {
    expect(await verifyAudit(database)).toEqual({ intact: true, entries: 0 });

    await append("a", "b");
    await append("a");

    expect(await listAudit(database)).toEqual([
      { seq: 3, ...entry("user.add", "a") },
      { seq: 2, ...entry("user.add", "b") },
      { seq: 1, ...entry("user.add", "a") },
    ]);
    expect((await listAudit(database, { subject: "a", before: 3, limit: 5 })).map(({ seq }) => seq)).toEqual([1]);
  });

  it.each(["half a pair: \ud83d", "a NUL: \0"])(
    "takes a text that PostgreSQL cannot keep as JSON, %j",
    async (title) => {
      const { detail, ...rest } = entry("stream.add", "s");

      await database.transaction((tx) => appendAudit(tx, [{ ...rest, detail: { ...detail, title } }]));

      expect(await listAudit(database)).toMatchObject([{ detail: { title: expect.stringMatching(/: \ufffd$/) } }]);
      expect(await verifyAudit(database)).toEqual({ intact: true, entries: 1 });
    },
  );

  it("keeps one unbroken chain under 200 parallel writers, some of whom roll back", async () => {
    const writers = Array.from({ length: 200 }, (_, n) =>
      database.transaction(async (tx) => {
        await appendAudit(tx, [entry("user.add", `u${n}`)]);
        if (n % 10 === 0) throw new Error("rolled back");
      }),
    );

    const results = await Promise.allSettled(writers);

    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(180);
    expect(await verifyAudit(database)).toEqual({ intact: true, entries: 180 });
  });

  it.each([
    ["changed", `update audit set body = replace(body, 'u3', 'u9') where seq = 3`, 3],
    ["taken out", `delete from audit where seq = 2`, 2],
    ["taken off the beginning", `delete from audit where seq = 1`, 1],
    ["swapped", `update audit a set body = b.body from audit b where (a.seq, b.seq) in ((2, 4), (4, 2))`, 2],
    ["put at the end", `insert into audit (seq, body, hash) select 6, body, hash from audit where seq = 5`, 6],
  ])("shows an entry that was %s", async (_, sql, brokenAt) => {
    await append("u1", "u2", "u3", "u4", "u5");

    await database.query(sql);

    expect(await verifyAudit(database)).toEqual({ intact: false, brokenAt });
  });
});
