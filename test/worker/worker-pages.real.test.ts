import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { type HttpListener, listen } from "../../src/runtime/http/listen.ts";
import { TaskCounters } from "../../src/worker/task-counters.ts";
import { workerPages } from "../../src/worker/worker-pages.ts";
import { silentLog } from "../support/silent-log.ts";

let listener: HttpListener;
let counters: TaskCounters;
beforeEach(async () => {
  counters = new TaskCounters();
  const probes = [{ name: "etcd", check: () => Promise.reject(new Error("away")) }];
  const handler = workerPages({ clock: systemClock, probes }, counters);
  listener = await listen({ host: "127.0.0.1", port: 0, handler, clock: systemClock, log: silentLog });
});
afterEach(() => listener.close(0));

describe("a worker's pages", () => {
  it("count what it did, in the text format of Prometheus", async () => {
    counters.started(1_500);
    counters.started(500);
    counters.ended();
    counters.count("done", "note");
    counters.count("failed claim", "note");

    const answer = await fetch(`${listener.url}/metrics`);

    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const lines = (await answer.text()).split("\n").filter((line) => !line.startsWith("#") && line !== "");
    expect(lines).toEqual([
      "rig_tasks_started_total 2",
      "rig_tasks_running 1",
      "rig_tasks_wait_seconds_total 2",
      'rig_tasks_outcomes_total{outcome="done"} 1',
      'rig_tasks_outcomes_total{outcome="failed_claim"} 1',
    ]);
  });

  it("say whether it lives and is ready, and nothing else", async () => {
    const [live, ready, other, posted] = await Promise.all([
      fetch(`${listener.url}/livez`),
      fetch(`${listener.url}/readyz`),
      fetch(`${listener.url}/tasks`),
      fetch(`${listener.url}/metrics`, { method: "POST" }),
    ]);

    expect([live.status, ready.status, other.status, posted.status]).toEqual([200, 503, 404, 404]);
    expect(await ready.json()).toMatchObject({ ready: false, checks: [{ name: "etcd", reason: "failed" }] });
  });
});
