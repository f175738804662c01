import type { Compare, KeyValue, Operation, Outcome, Step } from "./operation.ts";

/** A transaction as etcd takes it, nested as deep as need be. An operation without its guard is one. */
export interface Txn {
  readonly when: readonly Compare[];
  readonly apply: readonly TxnStep[];
  readonly otherwise?: readonly TxnStep[];
}

/** One thing that a branch does; `peek` is a get that leaves the value behind. */
export type TxnStep = Step | { readonly do: "peek"; readonly key: string } | { readonly do: "txn"; readonly txn: Txn };

/** What etcd answers to a transaction. */
export interface TxnAnswer {
  readonly succeeded: boolean;
  /** Of the store after it; 0 in a nested answer. */
  readonly revision: number;
  /** One for each step of the branch that was taken. */
  readonly steps: readonly StepAnswer[];
}

/** What a get found, what a nested transaction answered; null for all else. */
export type StepAnswer = KeyValue | TxnAnswer | null;

const NO_VALUE = Buffer.alloc(0);

/** An operation alone. A lost lease shows in the other branch: its last get is the guard. */
export function toTxn(operation: Operation<unknown>): Txn {
  const { guard, when, apply, otherwise = [] } = operation;
  if (!guard) return operation;
  return {
    when: [...when, { key: guard.aliveKey, modRevision: guard.aliveRevision }],
    apply,
    otherwise: [...otherwise, { do: "peek", key: guard.aliveKey }],
  };
}

/** What came back for one operation; null where its guard no longer stood, and nothing of it was applied. */
type PartAnswer = TxnAnswer | null;

/** Many operations as one transaction. */
export interface OuterTxn {
  readonly txn: Txn;
  /** Its answer as that of each operation, in their order. @throws RangeError where it lacks one */
  answers(answer: TxnAnswer): PartAnswer[];
}

/**
 * Many operations as the nested transactions of one that always succeeds. Those under the same guard stand together one
 * level deeper, behind one compare of it: a quarter more operations a second than with one in each. The branch that is
 * never taken holds a put: etcd counts none in a nested transaction against its quota, and lets such writes pass (3.4.23:
 * up to twice its quota, and no end).
 */
export function toOuterTxn(operations: readonly Operation<unknown>[]): OuterTxn {
  const groups = groupByGuard(operations);
  const counted = firstPut(operations);
  return {
    txn: {
      when: [],
      apply: groups.map(({ part }) => ({ do: "txn", txn: part })),
      otherwise: counted ? [{ do: "put", key: counted.key, value: NO_VALUE }] : [],
    },
    answers({ steps }) {
      const answers: PartAnswer[] = [];
      for (const [n, { guarded, members }] of groups.entries()) {
        const part = partOf(steps, n);
        for (let k = 0; k < members.length; k++) {
          const of = members[k] as number;
          answers[of] = !guarded ? part : part.succeeded ? partOf(part.steps, k) : null;
        }
      }
      return answers;
    },
  };
}

function partOf(steps: readonly StepAnswer[], n: number): TxnAnswer {
  const part = steps[n];
  if (!part || !("steps" in part)) throw new RangeError(`answer has no part ${n}`);
  return part;
}

/** Operations that stand together in one part, by their places. */
interface Group {
  readonly part: Txn;
  readonly guarded: boolean;
  readonly members: number[];
}

/** Those without a guard each for itself. */
function groupByGuard(operations: readonly Operation<unknown>[]): readonly Group[] {
  const groups: Group[] = [];
  const guarded = new Map<string, { members: number[]; apply: TxnStep[] }>();
  for (const [i, operation] of operations.entries()) {
    const { guard } = operation;
    if (!guard) {
      groups.push({ part: operation, guarded: false, members: [i] });
      continue;
    }
    const name = `${guard.aliveRevision} ${guard.aliveKey}`;
    let group = guarded.get(name);
    if (!group) {
      group = { members: [], apply: [] };
      guarded.set(name, group);
      const when = [{ key: guard.aliveKey, modRevision: guard.aliveRevision }];
      groups.push({ part: { when, apply: group.apply }, guarded: true, members: group.members });
    }
    group.members.push(i);
    group.apply.push({ do: "txn", txn: operation });
  }
  return groups;
}

function firstPut(operations: readonly Operation<unknown>[]): Step | undefined {
  const isPut = (step: Step) => step.do === "put";
  for (const { apply, otherwise } of operations) {
    const found = apply.find(isPut) ?? otherwise?.find(isPut);
    if (found) return found;
  }
  return undefined;
}

/** The answer to an operation that was sent as a transaction of its own. */
export function ownAnswer({ guard, otherwise = [] }: Operation<unknown>, answer: TxnAnswer): PartAnswer {
  if (!guard || answer.succeeded) return answer;
  const alive = answer.steps[otherwise.length] as KeyValue | null;
  return alive?.modRevision === guard.aliveRevision ? answer : null;
}

/** What an answer means to its operation. */
export function readAnswer(operation: Operation<unknown>, { succeeded, steps }: TxnAnswer, revision: number): Outcome {
  const found: (KeyValue | null)[] = [];
  const taken = (succeeded ? operation.apply : operation.otherwise) ?? [];
  for (let i = 0; i < taken.length; i++) if (taken[i]?.do === "get") found.push(steps[i] as KeyValue | null);
  return { succeeded, revision, found };
}
