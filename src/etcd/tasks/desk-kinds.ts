import type { Etcd } from "../client.ts";
import { rangeEnd } from "../wire.ts";
import { isKind } from "./task-status.ts";

/** Every kind that has a task which is not over, in order: a few keys read for each of them. */
export async function kindsOf({ keys, page }: Pick<Etcd, "keys" | "page">): Promise<string[]> {
  const { all, tasksOf } = keys.tasks;
  const before = rangeEnd(all).toString();
  const kinds: string[] = [];
  for (let from = all; ; ) {
    const [first] = await page({ from, before, limit: 1, keysOnly: true });
    if (!first) return kinds;
    const [kind = ""] = keys.segments(first.key, all);
    const isOurs = isKind(kind);
    if (isOurs) kinds.push(kind);
    from = isOurs ? rangeEnd(tasksOf(kind)).toString() : `${first.key}\0`;
  }
}
