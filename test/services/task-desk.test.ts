import { describe, expect, it } from "vitest";
import type { Actor, AuditEntry } from "../../src/domain/audit.ts";
import { RigError } from "../../src/domain/errors.ts";
import { type TaskDeskPorts, taskDesk } from "../../src/services/task-desk.ts";

const ANN: Actor = { kind: "operator", id: "ann" };
const AT = 1_700_000_000_000;

/** A desk over ports that answer as told, and what it entered into the audit trail. */
function deskWith({ changes = true, audit }: { changes?: boolean; audit?: TaskDeskPorts["audit"] } = {}) {
  const entries: AuditEntry[] = [];
  const by: string[] = [];
  const desk = taskDesk({
    board: {} as TaskDeskPorts["board"],
    moves: {
      cancel: async (_id, who) => {
        by.push(who);
        return "asked";
      },
      retry: async () => {},
      redrive: async () => (changes ? 3 : 0),
      pause: async (_kind, who) => {
        by.push(who);
        return changes;
      },
      resume: async () => changes,
    },
    refused: {
      list: async () => [],
      sendAgain: async (id) => (id === "unknown" || !changes ? 0 : 2),
    },
    queue: { enqueue: async ({ id = "t9" }) => ({ id, created: changes }) },
    audit: audit ?? (async (entry) => void entries.push(entry)),
    clock: { now: () => AT },
  });
  return { desk, entries, by };
}

describe("the desk of tasks", () => {
  it("enters each change of an operator into the audit trail, without the payload", async () => {
    const { desk, entries, by } = deskWith();

    await desk.enqueue({ kind: "mail", payload: "secret" }, ANN);
    await desk.cancel("t1", ANN);
    await desk.retry("t1", ANN);
    await desk.redrive(null, ANN);
    await desk.redrive("mail", ANN);
    await desk.pause("mail", ANN);
    await desk.resume("mail", ANN);
    await desk.resend(null, ANN);

    const entered = (action: string, subject: string, detail = {}) => ({ at: AT, actor: ANN, action, subject, detail });
    expect(entries).toEqual([
      entered("task.enqueue", "t9", { kind: "mail" }),
      entered("task.cancel", "t1", { how: "asked" }),
      entered("task.retry", "t1"),
      entered("task.redrive", "*", { count: 3 }),
      entered("task.redrive", "mail", { count: 3 }),
      entered("task.pause", "mail"),
      entered("task.resume", "mail"),
      entered("task.resend", "*", { count: 2 }),
    ]);
    expect(by).toEqual(["ann", "ann"]);
  });

  it("enters nothing where nothing changed", async () => {
    const { desk, entries } = deskWith({ changes: false });

    await desk.enqueue({ kind: "mail", payload: null, id: "t1" }, ANN);
    await desk.redrive("mail", ANN);
    await desk.pause("mail", ANN);
    await desk.resume("mail", ANN);
    await desk.resend(null, ANN);

    expect(entries).toEqual([]);
  });

  it("knows no refused order by an id that none has", async () => {
    await expect(deskWith().desk.resend("unknown", ANN)).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });

  it("says that it is done where only the audit trail could not be reached", async () => {
    const audit = async () => {
      throw new RigError("DATABASE_UNREACHABLE", "PostgreSQL does not answer");
    };

    await expect(deskWith({ audit }).desk.pause("mail", ANN)).rejects.toMatchObject({
      code: "DATABASE_UNREACHABLE",
      message: "task.pause of mail is done, but not in the audit trail: PostgreSQL does not answer",
    });
  });
});
