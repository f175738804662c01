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

/** What came back for one operation; null where its guard no longer stood, and nothing of it was applied. */
type PartAnswer = ITxnResponse | null;

/** Many operations as one transaction. */
export interface OuterTxn {
  readonly request: ITxnRequest;
  /** Its answer as that of each operation, in their order. */
  answers(answer: ITxnResponse): PartAnswer[];
}

/**
 * Many operations as the nested transactions of one that always succeeds. Those under the same guard stand together one
 * level deeper, behind one compare of it: a quarter more operations a second than with one in each. The branch that is
 * never taken holds a put: etcd counts none in a nested transaction against its quota, and lets such writes pass (3.4.23:
 * up to twice its quota, and no end).
 */
export function toOuterTxn(operations: readonly Operation<unknown>[]): OuterTxn {
  const groups = [...groupByGuard(operations).values()];
  const counted = firstPut(operations);
  return {
    request: {
      compare: [],
      success: groups.map((group) => ({ request_txn: toPart(group.map((i) => operations[i] as Operation<unknown>)) })),
      failure: counted ? [{ request_put: { key: Buffer.from(counted.key) } }] : [],
    },
    answers({ responses }) {
      const answers: PartAnswer[] = [];
      for (const [n, group] of groups.entries()) {
        const part = (responses[n] as IResponseOp).response_txn;
        for (const [k, i] of group.entries()) answers[i] = operations[i]?.guard ? guardedAnswer(part, k) : part;
      }
      return answers;
    },
  };
}

/** Which operations stand under which guard; those without one each for itself. */
function groupByGuard(operations: readonly Operation<unknown>[]): Map<string | Operation<unknown>, number[]> {
  const groups = new Map<string | Operation<unknown>, number[]>();
  for (const [i, operation] of operations.entries()) {
    const { guard } = operation;
    const name = guard ? `${guard.aliveRevision} ${guard.aliveKey}` : operation;
    const group = groups.get(name);
    if (group) group.push(i);
    else groups.set(name, [i]);
  }
  return groups;
}

function toPart(group: readonly Operation<unknown>[]): ITxnRequest {
  const [first] = group as readonly [Operation<unknown>];
  if (!first.guard) return toTxn(first);
  return {
    compare: [toCompare({ key: first.guard.aliveKey, modRevision: first.guard.aliveRevision })],
    success: group.map(({ guard: _above, ...bare }) => ({ request_txn: toTxn(bare) })),
    failure: [],
  };
}

const guardedAnswer = (part: ITxnResponse, at: number): PartAnswer =>
  part.succeeded ? (part.responses[at] as IResponseOp).response_txn : null;

function firstPut(operations: readonly Operation<unknown>[]): Step | undefined {
  for (const { apply, otherwise = [] } of operations) {
    const found = [...apply, ...otherwise].find((step) => step.do === "put");
    if (found) return found;
  }
  return undefined;
}

/** The answer to an operation that was sent as a transaction of its own. */
export function ownAnswer({ guard, otherwise = [] }: Operation<unknown>, answer: ITxnResponse): PartAnswer {
  if (!guard || answer.succeeded) return answer;
  return firstEntry(answer.responses[otherwise.length])?.modRevision === guard.aliveRevision ? answer : null;
}

/** What an answer means to its operation. */
export function readAnswer(operation: Operation<unknown>, answer: ITxnResponse, revision: number): Outcome {
  const steps = answer.succeeded ? operation.apply : (operation.otherwise ?? []);
  const found = steps.flatMap((step, i) => (step.do === "get" ? [firstEntry(answer.responses[i])] : []));
  return { succeeded: answer.succeeded, revision, found };
}

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
