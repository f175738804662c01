import { beforeEach, describe, expect, it } from "vitest";
import type { TaskOrder } from "../../src/domain/task.ts";
import { fireSchedule, type Schedule } from "../../src/services/fire-schedules.ts";
import type { CronMark } from "../../src/services/tasks.ts";
import { nextInstant } from "../../src/worker/next-instant.ts";
import { silentLog } from "../support/silent-log.ts";

const MINUTE = 60_000;
const minutely: Schedule = {
  ...{ name: "tidy", pattern: "* * * * *", timeZone: "UTC", lateMs: 5 * MINUTE },
  order: { kind: "note", payload: 1 },
};

let now: number;
let mark: CronMark | null;
let ordered: TaskOrder[];
let taken: Set<string>;
const duties = {
  mark: async () => mark,
  async fire(_name: string, seen: CronMark | null, { at, order }: { at: number; order: TaskOrder | null }) {
    if (seen?.version !== mark?.version || (order?.id && taken.has(order.id))) return false;
    mark = { at, version: (mark?.version ?? 0) + 1 };
    if (order) ordered.push(order);
    return true;
  },
};
const look = (schedule = minutely) =>
  fireSchedule({ duties, next: nextInstant, clock: { now: () => now }, log: silentLog }, schedule);
beforeEach(() => {
  [now, mark, ordered, taken] = [10 * MINUTE + 5_000, null, [], new Set()];
});

describe("a schedule", () => {
  it("counts from when it is first seen, and answers when it is due", async () => {
    expect(await look()).toBe(11 * MINUTE);
    expect(ordered).toEqual([]);
  });

  it("orders a run once when it is due", async () => {
    await look();
    now = 11 * MINUTE + 200;

    expect(await look()).toBe(12 * MINUTE);
    expect(await look()).toBe(12 * MINUTE);

    expect(ordered).toEqual([{ kind: "note", payload: 1, id: `tidy@${11 * MINUTE}` }]);
  });

  it("orders the last run alone of several that were missed", async () => {
    await look();
    now = 10_000 * MINUTE + 500;

    await look();

    expect(ordered.map(({ id }) => id)).toEqual([`tidy@${10_000 * MINUTE}`]);
  });

  it("leaves out a run that comes too late, and goes on with the next", async () => {
    const daily = { ...minutely, pattern: "0 0 * * *" };
    await look(daily);
    now = 24 * 60 * MINUTE + 6 * MINUTE;

    expect(await look(daily)).toBe(48 * 60 * MINUTE);
    expect(ordered).toEqual([]);
    expect(mark?.at).toBe(24 * 60 * MINUTE);
  });

  it("counts from now where a clock that ran ahead has marked the future", async () => {
    mark = { at: now + 60 * MINUTE, version: 3 };

    expect(await look()).toBe(11 * MINUTE);
    expect(mark?.at).toBe(now);
    expect(ordered).toEqual([]);
  });

  it("goes on where a task of that name is there already", async () => {
    await look();
    now = 11 * MINUTE;
    taken.add(`tidy@${11 * MINUTE}`);

    await look();

    expect(mark?.at).toBe(11 * MINUTE);
    expect(ordered).toEqual([]);
  });

  it("is run at the hour of its time zone, once in the night that has an hour twice", async () => {
    const berlin = { ...minutely, pattern: "30 2 * * *", timeZone: "Europe/Berlin", lateMs: 3 * 60 * MINUTE };
    now = Date.UTC(2026, 9, 24, 12);
    await look(berlin);

    const next = await look(berlin);
    now = next as number;
    await look(berlin);
    now += 61 * MINUTE; // the second half past two
    await look(berlin);

    expect(new Date(next as number).toISOString()).toBe("2026-10-25T00:30:00.000Z");
    expect(ordered).toHaveLength(1);
  });
});
