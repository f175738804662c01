import fc from "fast-check";
import { expect, it } from "vitest";
import { absent, type Operation, put, remove } from "../../src/etcd/operation.ts";
import { fakeEtcd } from "../support/fake-etcd.ts";
import { groupCommit } from "../support/held-etcd.ts";

interface Small {
  readonly ifAbsent: readonly string[];
  readonly write: readonly { readonly key: string; readonly value: string | null }[];
}

const key = fc.constantFrom("a", "b", "c", "d");
const small: fc.Arbitrary<Small> = fc.record({
  ifAbsent: fc.uniqueArray(key, { maxLength: 2 }),
  write: fc.uniqueArray(fc.record({ key, value: fc.option(fc.constantFrom("1", "2", "3")) }), {
    maxLength: 2,
    selector: (write) => write.key,
  }),
});

const operation = ({ ifAbsent, write }: Small): Operation<boolean> => ({
  what: "test",
  when: ifAbsent.map(absent),
  apply: write.map(({ key: k, value }) => (value === null ? remove(k) : put(k, Buffer.from(value)))),
  answer: ({ succeeded }) => succeeded,
  settle: async () => ({ was: "not applied" }),
});

/** What the operations do one after the other, each in a transaction of its own. */
function oneByOne(operations: readonly Small[]): { won: boolean[]; state: Record<string, string> } {
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

it("gives together what the same operations give one by one, in order of arrival", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(small, { maxLength: 40 }), async (operations) => {
      const etcd = fakeEtcd();
      const commits = groupCommit(etcd);

      const won = await Promise.all(operations.map((each) => commits.commit(operation(each))));

      const keys = ["a", "b", "c", "d"].flatMap((k) => (etcd.value(k) === null ? [] : [[k, etcd.value(k)]]));
      expect({ won, state: Object.fromEntries(keys) }).toEqual(oneByOne(operations));
      await commits.close();
    }),
    { numRuns: 200 },
  );
});
