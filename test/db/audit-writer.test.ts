import { describe, expect, it } from "vitest";
import { auditWriter } from "../../src/db/audit-writer.ts";
import type { Database, Queryable } from "../../src/db/database.ts";
import type { AuditEntry } from "../../src/domain/audit.ts";

const entry = (subject: string): AuditEntry => ({
  at: 1,
  actor: { kind: "agent", id: "edge-1" },
  action: "publish.refuse",
  subject,
  detail: {},
});

/** A database whose transactions end when told to; keeps the subjects that each one wrote. */
function heldDatabase() {
  const written: string[][] = [];
  const held: ((error?: Error) => void)[] = [];
  const transaction: Database["transaction"] = async (work) => {
    const subjects: string[] = [];
    const tx = {
      query: async (sql: string, values: readonly unknown[] = []) => {
        if (sql.startsWith("insert"))
          subjects.push(...(values[1] as string[]).map((body) => (JSON.parse(body) as AuditEntry).subject));
        return [];
      },
    } as Queryable;
    const result = await work(tx);
    written.push(subjects);
    await new Promise<void>((resolve, reject) => held.push((error) => (error ? reject(error) : resolve())));
    return result;
  };
  const end = async (error?: Error) => {
    await expect.poll(() => held.length).toBe(1);
    held.shift()?.(error);
  };
  return { database: { transaction }, written, end };
}

describe("auditWriter", () => {
  it("writes what comes while one is written in one transaction, in order", async () => {
    const { database, written, end } = heldDatabase();
    const write = auditWriter(database);

    const first = write(entry("a"));
    await expect.poll(() => written.length).toBe(1);
    const others = ["b", "c", "d"].map((subject) => write(entry(subject)));
    await end();
    await first;
    await end();
    await Promise.all(others);

    expect(written).toEqual([["a"], ["b", "c", "d"]]);
  });

  it("says it to all of a transaction that failed, and to nobody else", async () => {
    const { database, end } = heldDatabase();
    const write = auditWriter(database);

    const failed = [write(entry("a")), write(entry("b"))].map((written) =>
      written.catch((error: Error) => error.message),
    );
    await end(new Error("away"));
    const later = write(entry("c"));
    await end();

    expect(await Promise.all(failed)).toEqual(["away", "away"]);
    await expect(later).resolves.toBeUndefined();
  });
});
