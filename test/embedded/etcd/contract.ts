import { afterAll, beforeAll, describe } from "vitest";
import { callsOf } from "./contract/calls.ts";
import { kvContract } from "./contract/kv.ts";
import { leaseContract } from "./contract/lease.ts";
import { restContract } from "./contract/rest.ts";
import { txnContract } from "./contract/txn.ts";
import { watchContract } from "./contract/watch.ts";
import type { RawClient } from "./raw-client.ts";

/** A store under contract, fresh for the suite. */
export interface Subject {
  readonly client: RawClient;
  close(): Promise<void>;
}

/** What KV, Txn, Lease and Watch promise; holds for every store that claims to be etcd. */
export function storeContract(name: string, open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject?.close());
    const calls = callsOf(() => subject.client);
    kvContract(calls);
    txnContract(calls);
    leaseContract(calls);
    watchContract(calls);
    restContract(calls);
  });
}
