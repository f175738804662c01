import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { TaskDetail, TaskOverview } from "../../../src/domain/task-status.ts";
import { keepPrinted, type Printed } from "../../support/printed.ts";
import { someKind, someTask } from "../../support/screen/some-tasks.ts";

/** What scripts rely on: the exact JSON of `rig tasks`, over a desk that only remembers. */
const AT = Date.UTC(2026, 10, 22, 9, 30);
const data = mkdtempSync(join(tmpdir(), "rig-tasks-"));
const calls: unknown[][] = [];

const running = someTask("t1", AT, { progress: { percent: 40, note: "sending" } });
const detail: TaskDetail = {
  ...running,
  ...{ payload: { to: "a\u001b[2J" }, policy: null, dedupeKey: null, limitKey: "ann", enqueuedAt: AT - 1000 },
  ...{ result: null, cancelAskedBy: null },
};
const overview: TaskOverview = {
  kinds: [someKind("mail", { running: 1, dead: 2, paused: { by: "ann", at: AT } })],
  running: [running],
  workers: [
    {
      workerId: "edge-a:1",
      kinds: null,
      concurrency: 4,
      startedAt: AT,
      running: 1,
      tally: { at: AT, kinds: { mail: { done: 7, failed: 2 } } },
    },
  ],
};
const remember =
  <T>(name: string, answer: T) =>
  async (...input: unknown[]): Promise<T> => {
    calls.push([
      name,
      ...input.filter((each) => typeof each !== "object" || each === null || !("kind" in each && "id" in each)),
    ]);
    return answer;
  };
const tasks = {
  list: remember("list", [running]),
  show: async () => detail,
  overview: async () => overview,
  enqueue: async (order: object) => {
    calls.push(["enqueue", order]);
    return { id: "t9", created: true };
  },
  cancel: remember("cancel", "asked"),
  retry: remember("retry", undefined),
  redrive: remember("redrive", 2),
  pause: remember("pause", true),
  resume: remember("resume", false),
  refused: remember("refused", [
    {
      id: "r1",
      kind: "mail",
      payloadBytes: 70_000,
      orderedAt: AT,
      refusedAt: AT + 1_000,
      reason: "payload\u001b too large",
    },
  ]),
  resend: remember("resend", 1),
};
vi.mock("../../../src/context/open-context.ts", () => ({
  openContext: async () => ({ tasks, close: async () => {} }),
}));

let printed: Printed;
beforeEach(() => {
  calls.length = 0;
  printed = keepPrinted();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(data, { recursive: true }));

const options = { data, json: true };
const json = () => JSON.parse(printed.stdout);
const runningJson = {
  ...{ id: "t1", kind: "mail", state: "running", priority: 5, attempt: 1, maxAttempts: 8 },
  ...{ dueAt: null, startedAt: "2026-11-22T09:30:00.000Z", endedAt: null },
  ...{ workerId: "edge-a:1", progress: { percent: 40, note: "sending" }, reason: null },
};

describe("rig tasks, looking", () => {
  it("list hands on kind, state and limit, and prints each task", async () => {
    const { run } = await import("../../../commands/tasks/list.ts");

    await run({ ...options, kind: "mail", state: "running", limit: "7" });

    expect(calls).toEqual([["list", { kind: "mail", state: "running", limit: 7 }]]);
    expect(json()).toEqual([runningJson]);
  });

  it.each(["0", "x", "100001"])("list refuses the limit %s", async (limit) => {
    const { run } = await import("../../../commands/tasks/list.ts");

    await expect(run({ ...options, limit })).rejects.toThrow("--limit must be a whole number from 1 to 100000");
  });

  it("show has the payload, and lets it steer no terminal", async () => {
    const { run } = await import("../../../commands/tasks/show.ts");

    await run(options, "t1");
    expect(json()).toMatchObject({ ...runningJson, payload: { to: "a\u001b[2J" }, limitKey: "ann" });
    printed.stdout = "";
    await run({ data }, "t1");

    expect(printed.stdout).toMatch(/^TRY +1\/8$/m);
    expect(printed.stdout).not.toContain("\u001b");
  });

  it("refused has why, and lets it steer no terminal", async () => {
    const { run } = await import("../../../commands/tasks/refused.ts");

    await run({ ...options, kind: "mail", limit: "7" });
    expect(calls).toEqual([["refused", { kind: "mail", limit: 7 }]]);
    expect(json()).toEqual([
      {
        ...{ id: "r1", kind: "mail", payloadBytes: 70_000, reason: "payload\u001b too large" },
        ...{ orderedAt: "2026-11-22T09:30:00.000Z", refusedAt: "2026-11-22T09:30:01.000Z" },
      },
    ]);
    printed.stdout = "";
    await run({ data, limit: "100" });

    expect(printed.stdout).toMatch(
      /^r1 +mail +70000 +2026-11-22T09:30:00.000Z +2026-11-22T09:30:01.000Z +payload. too large$/m,
    );
    expect(printed.stdout).not.toContain("\u001b");
  });

  it("kinds and workers are tables for a person", async () => {
    const [kinds, workers] = [
      await import("../../../commands/tasks/kinds.ts"),
      await import("../../../commands/tasks/workers.ts"),
    ];

    await kinds.run({ data });
    await workers.run({ data });

    expect(printed.stdout).toMatch(/^mail +0 +1 +0 +2 +by ann at 2026-11-22T09:30:00.000Z$/m);
    expect(printed.stdout).toMatch(/^edge-a:1 +all +1 +4 +7 +2 +2026-11-22T09:30:00.000Z$/m);
  });

  it("top is one snapshot where there is no terminal", async () => {
    const { run } = await import("../../../commands/tasks/top.ts");

    await run({ ...options, interval: "1" });

    expect(json()).toEqual({
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      kinds: [{ ...overview.kinds[0], paused: { by: "ann", at: "2026-11-22T09:30:00.000Z" } }],
      running: [runningJson],
      workers: [
        {
          ...overview.workers[0],
          startedAt: "2026-11-22T09:30:00.000Z",
          tally: { at: "2026-11-22T09:30:00.000Z", kinds: { mail: { done: 7, failed: 2 } } },
        },
      ],
    });
  });
});

describe("rig tasks enqueue", () => {
  it("hands on all that an order may say", async () => {
    const { run } = await import("../../../commands/tasks/enqueue.ts");
    const flags = { id: "t9", priority: "9", delay: "5m", dedupeKey: "k", dedupe: "1h", maxAttempts: "3" };

    await run({ ...options, ...flags, payload: '{"to":"b"}' }, "mail");

    const order = { id: "t9", priority: 9, delayMs: 300_000, dedupeKey: "k", dedupeMs: 3_600_000 };
    expect(calls).toEqual([["enqueue", { kind: "mail", ...order, policy: { maxAttempts: 3 }, payload: { to: "b" } }]]);
    expect(json()).toEqual({ id: "t9", created: true });
  });

  it("takes the payload from a file", async () => {
    const { run } = await import("../../../commands/tasks/enqueue.ts");
    const payloadFile = join(data, "payload.json");
    writeFileSync(payloadFile, '{\n  "n": 1\n}\n');

    await run({ ...options, payloadFile }, "mail");

    expect(calls).toEqual([["enqueue", { kind: "mail", payload: { n: 1 } }]]);
  });

  it.each([
    [{}, "a task needs --payload or --payload-file"],
    [{ payload: "{'a':1}" }, "--payload must be JSON, got \"{'a':1}\""],
    [{ payload: "1", payloadFile: "f" }, "--payload and --payload-file exclude each other"],
    [{ payloadFile: "/nowhere" }, "--payload-file /nowhere cannot be read (ENOENT)"],
    [{ payload: "1", priority: "ten" }, '--priority must be a whole number from 0 to 9, got "ten"'],
    [{ payload: "1", maxAttempts: "0" }, '--max-attempts must be a whole number from 1 to 100, got "0"'],
    [{ payload: "1", delay: "soon" }, '--delay must be a duration like 90s, 5m or 2h, got "soon"'],
    [{ payload: "1", dedupe: "1h" }, "--dedupe belongs to --dedupe-key"],
  ])("refuses %j before it asks for anything", async (flags, message) => {
    const { run } = await import("../../../commands/tasks/enqueue.ts");

    await expect(run({ ...options, ...flags }, "mail")).rejects.toMatchObject({
      code: expect.stringMatching(/^(MISSING|INVALID)_INPUT$/),
      message,
    });
    expect(calls).toEqual([]);
  });
});

describe("rig tasks, changing", () => {
  it("cancel and redrive ask nobody where there is no terminal", async () => {
    const cancel = await import("../../../commands/tasks/cancel.ts");
    const redrive = await import("../../../commands/tasks/redrive.ts");

    await cancel.run(options, "t1");
    expect(json()).toEqual({ id: "t1", state: "asked" });
    printed.stdout = "";
    await redrive.run(options);

    expect(json()).toEqual({ kind: null, redriven: 2 });
    expect(calls).toEqual([
      ["cancel", "t1"],
      ["redrive", null],
    ]);
  });

  it("resend takes one, or all", async () => {
    const { run } = await import("../../../commands/tasks/resend.ts");

    await run(options, "r1");
    expect(json()).toEqual({ id: "r1", resent: 1 });
    printed.stdout = "";
    await run(options);

    expect(json()).toEqual({ id: null, resent: 1 });
    expect(calls).toEqual([
      ["resend", "r1"],
      ["resend", null],
    ]);
  });

  it("retry says that the task is ready", async () => {
    const { run } = await import("../../../commands/tasks/retry.ts");

    await run(options, "t1");

    expect(json()).toEqual({ id: "t1", state: "ready" });
  });

  it("pause and resume tell whether that changed anything", async () => {
    const pause = await import("../../../commands/tasks/pause.ts");
    const resume = await import("../../../commands/tasks/resume.ts");

    await pause.run(options, "mail");
    expect(json()).toEqual({ kind: "mail", paused: true, changed: true });
    printed.stdout = "";
    await resume.run(options, "mail");

    expect(json()).toEqual({ kind: "mail", paused: false, changed: false });
    expect(printed.stderr).toBe("");
  });

  it("pause says so where no task of that kind is there", async () => {
    const { run } = await import("../../../commands/tasks/pause.ts");

    await run(options, "mial");

    expect(printed.stderr).toBe("No task of kind mial is there now: `rig tasks kinds` shows those that are.\n");
  });
});
