import type { ICompare, IKeyValue, IRequestOp, IResponseOp, ITxnRequest, ITxnResponse } from "etcd3";
import { driver } from "./driver.ts";
import type { Compare, KeyValue, Operation, Outcome, Step } from "./operation.ts";

/** An operation as etcd's own message. A lost lease shows in the other branch: its last get is the guard. */
export function toTxn({ guard, when, apply, otherwise = [] }: Operation<unknown>): ITxnRequest {
  if (!guard) return { compare: when.map(toCompare), success: apply.map(toStep), failure: otherwise.map(toStep) };
  return {
    compare: [...when, { key: guard.aliveKey, modRevision: guard.aliveRevision }].map(toCompare),
    success: apply.map(toStep),
    failure: [...otherwise.map(toStep), { request_range: { key: Buffer.from(guard.aliveKey), keys_only: true } }],
  };
}

/**
 * Many operations as the nested transactions of one that always succeeds. The branch that is never taken holds a put:
 * etcd counts none in a nested transaction against its quota, and lets such writes pass (3.4.23: up to twice its quota,
 * and no end).
 */
export function toOuterTxn(operations: readonly Operation<unknown>[]): ITxnRequest {
  const counted = firstPut(operations);
  return {
    compare: [],
    success: operations.map((operation) => ({ request_txn: toTxn(operation) })),
    failure: counted ? [{ request_put: { key: Buffer.from(counted.key) } }] : [],
  };
}

function firstPut(operations: readonly Operation<unknown>[]): Step | undefined {
  for (const { apply, otherwise = [] } of operations) {
    const found = [...apply, ...otherwise].find((step) => step.do === "put");
    if (found) return found;
  }
  return undefined;
}

/** What came back for one operation. `leaseLost`: its guard no longer stood, and nothing of it was applied. */
export function readAnswer(
  operation: Operation<unknown>,
  answer: ITxnResponse,
  revision: number,
): Outcome & { leaseLost: boolean } {
  const steps = answer.succeeded ? operation.apply : (operation.otherwise ?? []);
  const found = steps.flatMap((step, i) => (step.do === "get" ? [firstEntry(answer.responses[i])] : []));
  const { guard } = operation;
  if (!guard || answer.succeeded) return { succeeded: answer.succeeded, revision, found, leaseLost: false };
  const alive = firstEntry(answer.responses[steps.length]);
  return { succeeded: false, revision, found, leaseLost: alive?.modRevision !== guard.aliveRevision };
}

/** The nested answers of an outer transaction, in order. */
export const nestedAnswers = (answer: ITxnResponse): ITxnResponse[] => answer.responses.map((r) => r.response_txn);

/** A key-value pair as rig's own. */
export const toKeyValue = (kv: IKeyValue): KeyValue => ({
  key: kv.key.toString(),
  value: kv.value,
  createRevision: Number(kv.create_revision),
  modRevision: Number(kv.mod_revision),
  leaseId: String(kv.lease),
});

/**
 * Many pairs, without those whose key is no UTF-8: no key of rig's. Read as text it would be taken for another, and what
 * is meant for it would go there.
 */
export const toKeyValues = (kvs: readonly IKeyValue[]): KeyValue[] =>
  kvs.map(toKeyValue).filter(({ key }) => !key.includes("\ufffd"));

/** The end of the range that holds every key beginning with `prefix` (which ends in a slash: the last byte never overflows). */
export function rangeEnd(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  const last = end.length - 1;
  end[last] = (end[last] ?? 0) + 1;
  return end;
}

const toCompare = ({ key, modRevision }: Compare): ICompare => ({
  key: Buffer.from(key),
  target: driver.CompareTarget.Mod,
  result: driver.CompareResult.Equal,
  mod_revision: modRevision,
});

function toStep(step: Step): IRequestOp {
  const key = Buffer.from(step.key);
  switch (step.do) {
    case "get":
      return { request_range: { key } };
    case "put":
      return { request_put: { key, value: step.value, ...(step.leaseId !== undefined && { lease: step.leaseId }) } };
    case "delete":
      return { request_delete_range: { key } };
  }
}

function firstEntry(answer: IResponseOp | undefined): KeyValue | null {
  const kv = answer?.response_range?.kvs[0];
  return kv ? toKeyValue(kv) : null;
}
