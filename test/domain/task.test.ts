import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TASK_POLICY, type TaskOrder, taskBackoffMs, taskOf } from "../../src/domain/task.ts";

const order = (more: Partial<TaskOrder> = {}): TaskOrder => ({ kind: "note", payload: null, ...more });
const task = (more: Partial<TaskOrder> = {}) => taskOf(order(more), 1_000, () => "01NEW");

describe("a task of an order", () => {
  it("has what the order leaves out", () => {
    expect(task()).toEqual({
      ...{ id: "01NEW", kind: "note", payload: null, priority: 5, policy: TASK_POLICY },
      ...{ dedupeKey: null, limitKey: null, enqueuedAt: 1_000 },
    });
  });

  it.each<[string, Partial<TaskOrder>]>([
    ["kind must be 1-40", { kind: "Note" }],
    ["kind must be 1-40", { kind: "" }],
    ["kind must be 1-40", { kind: "a".repeat(41) }],
    ['id must be 1-100 of A-Z, a-z, 0-9 and "._:@-", got "a/b"', { id: "a/b" }],
    ["id must be", { id: "x".repeat(101) }],
    ["priority must be a whole number from 0 to 9, got 10", { priority: 10 }],
    ["priority must be", { priority: -1 }],
    ["priority must be", { priority: 1.5 }],
    ["delayMs must be", { delayMs: -1 }],
    ["delayMs must be", { delayMs: Number.NaN }],
    ["maxAttempts must be a whole number from 1 to 100, got 0", { policy: { maxAttempts: 0 } }],
    ["retainMs must be", { policy: { retainMs: 2 ** 40 } }],
    ['dedupeKey must be 1-200 characters without "/", got ""', { dedupeKey: "" }],
    ["limitKey must be", { limitKey: "a/b" }],
    ["limitKey must be", { limitKey: "a\nb" }],
    ["limitKey must be 1-150", { limitKey: "x".repeat(151) }],
    ["limitKey must be", { limitKey: "\ud800" }],
    ["dedupeKey must be 1-200", { dedupeKey: "x".repeat(201) }],
    ["backoff.floorMs must be", { policy: { backoff: { floorMs: -1, ceilingMs: 1 } } }],
    ["backoff.floorMs must be", { policy: { backoff: { floorMs: Number.NaN, ceilingMs: 1 } } }],
    ["backoff.ceilingMs must be", { policy: { backoff: { floorMs: 2, ceilingMs: 1 } } }],
    ["backoff.ceilingMs must be", { policy: { backoff: { floorMs: 1, ceilingMs: Number.POSITIVE_INFINITY } } }],
  ])("is refused: %s", (message, more) => {
    expect(() => task(more)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringContaining(message) }),
    );
  });

  it.each<[string, Partial<TaskOrder>]>([
    ["the highest and lowest priority", { priority: 9 }],
    ["the lowest priority", { priority: 0 }],
    ["an id of 100", { id: "x".repeat(100) }],
    ["a limit key of 150", { limitKey: "x".repeat(150) }],
    ["one try", { policy: { maxAttempts: 1 } }],
    ["a year's delay", { delayMs: 366 * 86_400_000 }],
  ])("is taken with %s", (_what, more) => {
    expect(task(more)).toMatchObject({ kind: "note" });
  });
});

describe("the wait after a failure", () => {
  it.each([
    [1, 0, 1_000],
    [1, 1, 2_000],
    [3, 1, 8_000],
    [20, 1, 1_800_000],
    [100, 0.5, 900_500],
  ])("after try %i, with %f of the jitter, is %i ms", (attempt, jitter, expected) => {
    expect(taskBackoffMs(TASK_POLICY, attempt, () => jitter)).toBe(expected);
  });

  it("is never outside the policy's floor and ceiling", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, jitter) => {
          const waitMs = taskBackoffMs(TASK_POLICY, attempt, () => jitter);
          expect(waitMs).toBeGreaterThanOrEqual(1_000);
          expect(waitMs).toBeLessThanOrEqual(30 * 60_000);
        },
      ),
    );
  });
});
