import { RigError } from "../../domain/errors.ts";
import type { Etcd } from "../client.ts";

const COUNT_MS = 1_000; // how old a count may be

interface Count {
  readonly startedAt: number;
  readonly counted: Promise<number>;
  added: number;
}

/**
 * Holds the number of open tasks of each kind under a bound, those that are delayed or dead too: a count of etcd's, a
 * second old at most, and what we added.
 */
export function queueBound(etcd: Pick<Etcd, "count" | "keys" | "clock">, maxOpen: number) {
  const counts = new Map<string, Count>();

  const countOf = (kind: string): Count => {
    const known = counts.get(kind);
    const now = etcd.clock.monotonic();
    if (known && now - known.startedAt < COUNT_MS) return known;
    const count = { startedAt: now, counted: etcd.count(etcd.keys.tasks.tasksOf(kind)), added: 0 };
    counts.set(kind, count);
    return count;
  };
  return {
    /** @throws RigError OVERLOADED, ETCD_UNREACHABLE */
    async check(kind: string): Promise<void> {
      const count = countOf(kind);
      const open = (await count.counted) + count.added;
      if (open >= maxOpen)
        throw new RigError("OVERLOADED", `tasks of kind ${kind}: ${open} are there already, at most ${maxOpen} may be`);
    },
    added(kind: string): void {
      const count = counts.get(kind);
      if (count) count.added += 1;
    },
  };
}
