import fc from "fast-check";
import { expect, it } from "vitest";
import { fakeEtcd } from "../support/fake-etcd.ts";
import { groupCommit } from "../support/held-etcd.ts";
import { oneByOne, SMALL_KEYS, smallOperations, toOperation } from "../support/small-operations.ts";

it("gives together what the same operations give one by one, in order of arrival", async () => {
  await fc.assert(
    fc.asyncProperty(smallOperations, async (operations) => {
      const etcd = fakeEtcd();
      const commits = groupCommit(etcd);

      const won = await Promise.all(operations.map((each) => commits.commit(toOperation(each))));

      const keys = SMALL_KEYS.flatMap((k) => (etcd.value(k) === null ? [] : [[k, etcd.value(k)]]));
      expect({ won, state: Object.fromEntries(keys) }).toEqual(oneByOne(operations));
      await commits.close();
    }),
    { numRuns: 200 },
  );
});
