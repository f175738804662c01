import type { IKeyValue, IResponseOp, ITxnRequest, ITxnResponse } from "etcd3";
import type { KeyValue, ReadKey } from "../../src/etcd/operation.ts";
import type { Txn, TxnAnswer } from "../../src/etcd/txn.ts";
import { fromMessage, toKeyValue, toMessage } from "../../src/etcd/wire.ts";

/** As much of etcd as group commit needs, in memory: transactions, nested once, with compares on mod revisions. */
export interface FakeEtcd {
  txn(txn: Txn): Promise<TxnAnswer>;
  readonly read: ReadKey;
  /** All that was sent, in order, as etcd3's messages. */
  readonly requests: ITxnRequest[];
  set(key: string, value: string, leaseId?: string): void;
  remove(key: string): void;
  value(key: string): string | null;
}

/** An empty store; a put on a lease that `leases` lacks refuses the whole transaction, as etcd does. */
export function fakeEtcd(leases: ReadonlySet<string> = new Set()): FakeEtcd {
  const entries = new Map<string, IKeyValue>();
  const requests: ITxnRequest[] = [];
  let revision = 1;

  const holds = (state: ReadonlyMap<string, IKeyValue>, { compare = [] }: ITxnRequest) =>
    compare.every(
      ({ key, mod_revision }) => Number(state.get(String(key))?.mod_revision ?? 0) === Number(mod_revision),
    );

  const put = (key: string, value: Buffer, lease: string) => {
    const now = String(revision);
    const before = entries.get(key);
    entries.set(key, {
      key: Buffer.from(key),
      value,
      lease,
      create_revision: before?.create_revision ?? now,
      mod_revision: now,
      version: "1",
    });
  };

  function run(request: ITxnRequest, before: ReadonlyMap<string, IKeyValue>): ITxnResponse {
    const succeeded = holds(before, request);
    const steps = (succeeded ? request.success : request.failure) ?? [];
    const responses = steps.map((step) => {
      if (step.request_txn) return { response_txn: run(step.request_txn, before) };
      if (step.request_put)
        put(String(step.request_put.key), step.request_put.value ?? Buffer.of(), String(step.request_put.lease ?? "0"));
      if (step.request_delete_range) entries.delete(String(step.request_delete_range.key));
      const kv = entries.get(String(step.request_range?.key));
      return { response_range: { kvs: kv ? [kv] : [] } };
    });
    return { header: null, succeeded, responses: responses as unknown as IResponseOp[] } as unknown as ITxnResponse;
  }

  const leasesOf = (request: ITxnRequest, before: ReadonlyMap<string, IKeyValue>): string[] =>
    ((holds(before, request) ? request.success : request.failure) ?? []).flatMap((step) =>
      step.request_txn
        ? leasesOf(step.request_txn, before)
        : step.request_put?.lease
          ? [String(step.request_put.lease)]
          : [],
    );

  return {
    requests,
    async txn(txn) {
      const request = toMessage(txn);
      requests.push(request);
      const before = new Map(entries);
      if (leasesOf(request, before).some((lease) => !leases.has(lease)))
        throw Object.assign(new Error("5 NOT_FOUND: etcdserver: requested lease not found"), { code: 5 });
      revision += 1;
      return fromMessage({ ...run(request, before), header: { revision: String(revision) } } as ITxnResponse);
    },
    read: async (key): Promise<KeyValue | null> => {
      const kv = entries.get(key);
      return kv ? toKeyValue(kv) : null;
    },
    set(key, value, leaseId = "0") {
      revision += 1;
      put(key, Buffer.from(value), leaseId);
    },
    remove(key) {
      revision += 1;
      entries.delete(key);
    },
    value: (key) => entries.get(key)?.value.toString() ?? null,
  };
}
