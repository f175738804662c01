import { describe, expect, it } from "vitest";
import { taskOf } from "../../../src/domain/task.ts";
import type { Etcd } from "../../../src/etcd/client.ts";
import { etcdKeys } from "../../../src/etcd/keys.ts";
import type { HeldClaim, IndexedTask } from "../../../src/etcd/tasks/claim.ts";
import { endTask } from "../../../src/etcd/tasks/end-task.ts";
import type { TaskEnd } from "../../../src/services/tasks.ts";
import { fakeClock } from "../../support/fake-clock.ts";

const keys = etcdKeys("/t/");
const task = taskOf({ kind: "note", payload: null, id: "t1" }, 0, () => "");

/** What is put for a task that ended so in its third try. */
function putFor(end: TaskEnd): Record<string, unknown> {
  const indexed = { key: keys.tasks.ready("note", 5, "t1"), id: "t1", kind: "note", priority: 5 } as IndexedTask;
  const claim = {
    token: "w1/1",
    claimKey: keys.tasks.claim("t1"),
    modRevision: 7,
    indexed,
    placeKey: null,
  } as HeldClaim;
  const also = { progress: false, cancel: false };
  const ending = { end, token: "w1/2", also };
  const { apply } = endTask({ keys, clock: fakeClock() } as unknown as Etcd, { task, attempt: 3, claim }, ending);
  const written = apply.find((step) => step.do === "put");
  return written && JSON.parse(written.value.toString());
}
const resultOf = (result: unknown) => putFor({ how: "done", result }).result;

describe("a task that is handed back", () => {
  it.each([
    [false, 2],
    [true, 3],
  ])("with its try counted: %s, has used up %d", (isTryCounted, tries) => {
    expect(putFor({ how: "handed back", isTryCounted })).toMatchObject({ a: tries });
  });
});

describe("the result of a task that is done", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;

  it.each([
    ["as it is", { n: 1 }, { n: 1 }],
    ["up to 16 KiB", "x".repeat(16_382), "x".repeat(16_382)],
    ["no longer than that", "x".repeat(16_383), { tooLong: true }],
    ["counted in bytes", "€".repeat(6_000), { tooLong: true }],
    ["not where JSON cannot say it: a bigint", 1n, { notJson: true }],
    ["not where JSON cannot say it: a circle", circle, { notJson: true }],
    ["as nothing where there is none", undefined, undefined],
    ["as nothing where it is a function", () => 1, undefined],
  ])("is kept %s", (_what, result, kept) => {
    expect(resultOf(result)).toEqual(kept);
  });
});
