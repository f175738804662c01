import { expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import type { OutboxTask } from "../../src/domain/task.ts";
import { sendOutbox } from "../../src/services/send-outbox.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { silentLog } from "../support/silent-log.ts";

const row = (id: string): OutboxTask => ({ id, kind: "note", payload: { id } });

function world(ids: readonly string[], fail: (id: string) => Error | null = () => null) {
  const rows = ids.map(row);
  const enqueued: string[] = [];
  const refused: string[] = [];
  const ports = {
    outbox: {
      list: async (limit: number) => rows.slice(0, limit),
      remove: async (gone: readonly string[]) => {
        for (const id of gone)
          rows.splice(
            rows.findIndex((each) => each.id === id),
            1,
          );
      },
      refuse: async (id: string, reason: string) => void refused.push(`${id}: ${reason}`),
    },
    queue: {
      async enqueue({ id = "" }: { id?: string }) {
        const error = fail(id);
        if (error) throw error;
        enqueued.push(id);
        return { id, created: true };
      },
    },
    clock: fakeClock(),
    log: silentLog,
  };
  return { ports, rows, enqueued, refused };
}

it("enqueues each row under its own id, and removes it then", async () => {
  const { ports, rows, enqueued } = world(["a", "b"]);

  expect(await sendOutbox(ports)).toBe(2);
  expect(enqueued).toEqual(["a", "b"]);
  expect(rows).toEqual([]);
});

it("keeps what could not be sent for now, and says why", async () => {
  const away = new RigError("ETCD_UNREACHABLE", "away");
  const { ports, rows } = world(["a", "b", "c"], (id) => (id === "b" ? away : null));

  await expect(sendOutbox(ports)).rejects.toBe(away);
  expect(rows.map(({ id }) => id)).toEqual(["b"]);
});

it("puts a row aside that can never be a task, and sends the others", async () => {
  const { ports, enqueued, refused } = world(["bad", "good"], (id) =>
    id === "bad" ? new RigError("INVALID_INPUT", "kind must be a word") : null,
  );

  expect(await sendOutbox(ports)).toBe(1);
  expect([enqueued, refused]).toEqual([["good"], ["bad: kind must be a word"]]);
});

it("puts such a row aside behind one that could not be sent for now, too", async () => {
  const errors: Record<string, Error> = {
    later: new RigError("OVERLOADED", "full"),
    bad: new RigError("INVALID_INPUT", "kind must be a word"),
  };
  const { ports, refused } = world(["later", "bad"], (id) => errors[id] ?? null);

  await expect(sendOutbox(ports)).rejects.toBe(errors.later);
  expect(refused).toEqual(["bad: kind must be a word"]);
});

it("loses no row to a bug of ours", async () => {
  const bug = new TypeError("x is not a function");
  const { ports, rows, refused } = world(["a", "b"], (id) => (id === "a" ? bug : null));

  await expect(sendOutbox(ports)).rejects.toBe(bug);
  expect([rows.map(({ id }) => id), refused]).toEqual([["a"], []]);
});
