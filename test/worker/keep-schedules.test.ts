import { expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import type { Schedule } from "../../src/services/fire-schedules.ts";
import type { TaskDuties } from "../../src/services/tasks.ts";
import { keepSchedules } from "../../src/worker/keep-schedules.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { silentLog } from "../support/silent-log.ts";

const every = (name: string): Schedule => ({
  ...{ name, pattern: "* * * * *", timeZone: "UTC", lateMs: 60_000 },
  order: { kind: name, payload: {} },
});

it("fires a schedule though the one before it cannot be fired", async () => {
  const clock = fakeClock();
  const stop = new AbortController();
  const fired: string[] = [];
  const duties = {
    mark: async (name: string) => {
      if (name === "broken") throw new RigError("CONFLICT", "no");
      return { at: clock.now() - 60_000, version: 1 };
    },
    fire: async (name: string) => fired.push(name) > 0,
  } as unknown as TaskDuties;

  const schedules = [every("broken"), every("tidy")];
  const keeping = keepSchedules({ duties, schedules, clock, log: silentLog }, stop.signal);
  await clock.advance(1_000);
  stop.abort();
  await clock.advance(1_000);
  await keeping;

  expect(fired).toEqual(["tidy"]);
});
