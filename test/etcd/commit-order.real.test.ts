import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { type RunningStore, STORES } from "../support/etcd-stores.ts";
import { etcdWorld } from "../support/etcd-world.ts";
import { fullCount } from "../support/full-count.ts";
import { oneByOne, smallOperations, toOperation } from "../support/small-operations.ts";

const world = etcdWorld();
const PATIENT = { deadlineMs: 60_000 }; // on a busy machine
const RUNS = fullCount(30, 1_000);

describe.each(STORES)("operations of one tick, on $name", ({ start }) => {
  let store: RunningStore | null;
  beforeAll(async () => {
    store = await start();
  });
  afterAll(async () => {
    await store?.close();
  });
  beforeEach((context) => {
    if (!store) context.skip();
  });

  it("give together what they give one by one, in order of arrival", { timeout: 600_000 }, async () => {
    const etcd = world.client(store!.client(etcdPrefix()));
    let run = 0;

    await fc.assert(
      fc.asyncProperty(smallOperations, async (operations) => {
        run += 1;
        const folder = `${etcd.keys.prefix}${run}/`;

        const won = await Promise.all(operations.map((each) => etcd.commit(toOperation(each, folder), PATIENT)));

        const { entries } = await etcd.list(folder);
        const state = Object.fromEntries(entries.map(({ key, value }) => [key.slice(folder.length), `${value}`]));
        expect({ won, state }).toEqual(oneByOne(operations));
      }),
      { numRuns: RUNS },
    );
  });
});
