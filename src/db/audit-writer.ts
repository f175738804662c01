import type { AuditEntry } from "../domain/audit.ts";
import { appendAudit } from "./audit.ts";
import type { Database } from "./database.ts";

/**
 * Writes entries that belong to no other change. The chain takes one transaction at a time, so those that come while
 * one is written share the next: a flood of refusals costs few commits. Resolves when the entry is durable.
 */
export function auditWriter(database: Pick<Database, "transaction">): (entry: AuditEntry) => Promise<void> {
  let waiting: AuditEntry[] = [];
  let next: Promise<void> | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const write = async (after: Promise<unknown>): Promise<void> => {
    await after.catch(() => {}); // told to those whose entries it carried
    const entries = waiting;
    [waiting, next] = [[], null];
    await database.transaction((tx) => appendAudit(tx, entries));
  };
  return (entry) => {
    waiting.push(entry);
    next ??= write(last);
    last = next;
    return next;
  };
}
