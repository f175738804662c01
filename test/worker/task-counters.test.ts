import { expect, it } from "vitest";
import { TaskCounters } from "../../src/worker/task-counters.ts";

it("tells by kind what ended well and what failed or died, and nothing else", () => {
  const counters = new TaskCounters();

  for (const outcome of ["done", "done", "failed", "dead", "cancelled", "handed back", "lost", "claim lost"] as const)
    counters.count(outcome, "mail");
  counters.count("not now", "report");

  expect(counters.tallies()).toEqual({ mail: { done: 2, failed: 2 } });
});

it("tells of no more than 64 kinds, whatever kinds somebody invents", () => {
  const counters = new TaskCounters();
  for (let n = 0; n < 70; n++) counters.count("dead", `kind-${n}`);
  counters.count("dead", "kind-0");

  expect(Object.keys(counters.tallies())).toHaveLength(64);
  expect(counters.tallies()["kind-0"]).toEqual({ done: 0, failed: 2 });
});
