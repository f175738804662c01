import type { HealthPorts } from "../runtime/http/health.ts";
import { healthHandler } from "../runtime/http/health-handler.ts";
import type { HttpHandler } from "../runtime/http/listen.ts";
import type { TaskCounters } from "./task-counters.ts";

/** A worker's pages: the health pages, and `/metrics` in the text format of Prometheus. */
export function workerPages(health: HealthPorts, counters: TaskCounters): HttpHandler {
  const healthPages = healthHandler(health);
  return (request, response) => {
    if (request.method !== "GET" || request.url?.split("?")[0] !== "/metrics") return healthPages(request, response);
    const text = metricsOf(counters);
    response.writeHead(200, {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
      "content-length": Buffer.byteLength(text),
      "cache-control": "no-store",
    });
    response.end(text);
  };
}

function metricsOf(counters: TaskCounters): string {
  const { started, running, waitedSeconds, outcomes } = counters.read();
  return [
    "# HELP rig_tasks_started_total Tries that this worker began.",
    "# TYPE rig_tasks_started_total counter",
    `rig_tasks_started_total ${started}`,
    "# HELP rig_tasks_running Tasks that run now.",
    "# TYPE rig_tasks_running gauge",
    `rig_tasks_running ${running}`,
    "# HELP rig_tasks_wait_seconds_total Time from order to start, summed over the tries that began.",
    "# TYPE rig_tasks_wait_seconds_total counter",
    `rig_tasks_wait_seconds_total ${waitedSeconds}`,
    "# HELP rig_tasks_outcomes_total What became of the tasks that this worker reached for.",
    "# TYPE rig_tasks_outcomes_total counter",
    ...Object.entries(outcomes).map(
      ([outcome, count]) => `rig_tasks_outcomes_total{outcome="${outcome.replaceAll(" ", "_")}"} ${count}`,
    ),
    "",
  ].join("\n");
}
