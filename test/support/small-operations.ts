import fc from "fast-check";
import { absent, type Operation, put, remove } from "../../src/etcd/operation.ts";

/** An operation on few keys, so that many of them conflict. */
export interface SmallOperation {
  readonly ifAbsent: readonly string[];
  readonly write: readonly { readonly key: string; readonly value: string | null }[];
}

export const SMALL_KEYS = ["a", "b", "c", "d"] as const;

const key = fc.constantFrom(...SMALL_KEYS);

/** Up to 40 of them, as they are asked for in one tick. */
export const smallOperations: fc.Arbitrary<SmallOperation[]> = fc.array(
  fc.record({
    ifAbsent: fc.uniqueArray(key, { maxLength: 2 }),
    write: fc.uniqueArray(fc.record({ key, value: fc.option(fc.constantFrom("1", "2", "3")) }), {
      maxLength: 2,
      selector: (write) => write.key,
    }),
  }),
  { maxLength: 40 },
);

/** As group commit takes it, its keys under `prefix`; answers whether it won. */
export const toOperation = ({ ifAbsent, write }: SmallOperation, prefix = ""): Operation<boolean> => ({
  what: "test",
  when: ifAbsent.map((k) => absent(prefix + k)),
  apply: write.map(({ key: k, value }) => (value === null ? remove(prefix + k) : put(prefix + k, Buffer.from(value)))),
  answer: ({ succeeded }) => succeeded,
  settle: async () => ({ was: "not applied" }),
});

/** What the operations do one after the other, each in a transaction of its own. */
export function oneByOne(operations: readonly SmallOperation[]): { won: boolean[]; state: Record<string, string> } {
  const state = new Map<string, string>();
  const won = operations.map(({ ifAbsent, write }) => {
    if (ifAbsent.some((k) => state.has(k))) return false;
    for (const { key: k, value } of write) {
      if (value === null) state.delete(k);
      else state.set(k, value);
    }
    return true;
  });
  return { won, state: Object.fromEntries(state) };
}
