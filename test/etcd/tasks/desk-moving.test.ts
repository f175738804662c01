import { describe, expect, it } from "vitest";
import { etcdKeys } from "../../../src/etcd/keys.ts";
import type { KeyValue, Operation } from "../../../src/etcd/operation.ts";
import type { OpenTask } from "../../../src/etcd/tasks/desk-finding.ts";
import { askToCancel, makeReadyNow, removeTask } from "../../../src/etcd/tasks/desk-moving.ts";
import { writeCourse, writeDead } from "../../../src/etcd/tasks/records.ts";

const keys = etcdKeys("/t/");
const { tasks } = keys;
const entry = (key: string, value: string | Buffer, modRevision = 7): KeyValue => ({
  ...{ key, value: Buffer.from(value), createRevision: 1, modRevision, leaseId: "0" },
});
const course = { token: "old", attempt: 3, maxAttempts: 3, priority: 4, taskBytes: 9, limitKey: null, reason: "no" };
const DEAD = entry(tasks.dead("mail", "t1"), writeDead(course, 5));
const DELAYED = entry(tasks.delay(60, "mail", "t1"), writeCourse(course));
const CLAIM = entry(tasks.claim("t1"), "{}");
const open = (retainMs: number): OpenTask => ({
  ...{ state: "delayed", taskKey: tasks.task("mail", "t1"), index: DELAYED, claim: null },
  task: {
    ...{ id: "t1", kind: "mail", payload: null, priority: 4, dedupeKey: null, limitKey: null, enqueuedAt: 1 },
    policy: { maxAttempts: 3, backoff: { floorMs: 1, ceilingMs: 2 }, retainMs },
  },
});
const BY = { by: "ann", at: 100, token: "mine" };
const MINE = '{"token":"mine"}';

const retry = makeReadyNow({ keys }, DEAD, "mine")!;
const cancel = removeTask({ keys }, open(1000), BY);
const cancelUnkept = removeTask({ keys }, open(0), BY);
const ask = askToCancel({ keys }, { claim: CLAIM, taskId: "t1", asked: null }, BY);
const READY = tasks.ready("mail", 4, "t1");
const RESULT = tasks.result("t1");

describe("an operator's change whose answer never came", () => {
  it.each<[string, Operation<boolean>, KeyValue[], object]>([
    ["retry that was applied", retry, [entry(READY, MINE)], { was: "applied", value: true }],
    ["retry that was not", retry, [DEAD], { was: "not applied" }],
    ["retry of what another moved", retry, [entry(READY, "{}")], { was: "applied", value: false }],
    ["retry of what died again", retry, [{ ...DEAD, modRevision: 9 }], { was: "applied", value: false }],
    ["cancel that was applied", cancel, [entry(RESULT, MINE)], { was: "applied", value: true }],
    ["cancel that was not", cancel, [DELAYED], { was: "not applied" }],
    ["cancel of what is done", cancel, [entry(RESULT, "{}")], { was: "applied", value: false }],
    ["cancel without a result", cancelUnkept, [], { was: "applied", value: true }],
    ["cancel without a result, not applied", cancelUnkept, [DELAYED], { was: "not applied" }],
    ["word to a worker that was put", ask, [entry(tasks.cancel("t1"), MINE)], { was: "applied", value: true }],
    ["word to a worker that was not", ask, [CLAIM], { was: "not applied" }],
  ])("is settled by reading: %s", async (_what, operation, present, settled) => {
    const read = async (key: string) => present.find((each) => each.key === key) ?? null;

    expect(await operation.settle(read)).toEqual(settled);
  });

  it.each([
    ["retry", retry, READY],
    ["cancel", cancel, RESULT],
    ["word to a worker", ask, tasks.cancel("t1")],
  ])("is known by its token when the %s is sent again", (_what, operation, key) => {
    const refused = (found: KeyValue | null) => ({ succeeded: false, revision: 9, found: [found] });

    expect(operation.answer(refused(entry(key, MINE)))).toBe(true);
    expect(operation.answer(refused(entry(key, "{}")))).toBe(false);
    expect(operation.answer(refused(null))).toBe(false);
  });
});

describe("an operator's change", () => {
  it("gives a dead task all its tries again, and lets no word of before end it", () => {
    const put = retry.apply.find((step) => step.do === "put");

    expect(JSON.parse(String(put?.do === "put" && put.value))).toEqual({ t: "mine", a: 0, m: 3, p: 4, b: 9, r: "no" });
    expect(retry.apply).toContainEqual({ do: "delete", key: tasks.cancel("t1") });
  });

  it("is none of a record that another hand has broken", () => {
    expect(makeReadyNow({ keys }, entry(DEAD.key, "x"), "mine")).toBeNull();
  });
});
