import type { Etcd } from "../client.ts";
import { absent, type Operation, put, remove } from "../operation.ts";
import type { IndexedTask } from "./claim.ts";
import { writeDead } from "./records.ts";

/** Gives up a task that used up its tries without ever ending: its workers died, or were told to stop waiting. */
export function buryTask({ keys: { tasks }, clock }: Etcd, indexed: IndexedTask, token: string): Operation<boolean> {
  const { id, kind, key, modRevision, attempt, maxAttempts, priority, taskBytes, limitKey } = indexed;
  const deadKey = tasks.dead(kind, id);
  const reason = `gave no answer in ${attempt} of ${maxAttempts} tries${indexed.reason ? `; before: ${indexed.reason}` : ""}`;
  const course = { token, attempt, maxAttempts, priority, taskBytes, limitKey, reason };
  return {
    what: "give up a task",
    lane: "tasks",
    when: [absent(tasks.claim(id)), { key, modRevision }],
    apply: [remove(key), put(deadKey, writeDead(course, clock.now()))],
    answer: ({ succeeded }) => succeeded,
    settle: async (read) => {
      const applied = (await read(deadKey))?.value.includes(`"${token}"`) ?? false;
      return applied ? { was: "applied", value: true } : { was: "not applied" };
    },
  };
}
