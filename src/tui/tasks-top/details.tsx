import { Text } from "ink";
import type { ReactElement } from "react";
import { count, shortDuration } from "../figures.ts";
import { type Fact, Facts } from "../live/facts.tsx";
import { type Line, stateOf } from "./line.ts";
import { selectedLine, type TasksModel } from "./model.ts";

const instant = (at: number, now: number): string => `${new Date(at).toISOString()}, ${shortDuration(now - at)} ago`;

function factsOf(line: Line, now: number): readonly Fact[] {
  if (line.is === "kind") {
    const { kind, ready, running, delayed, dead, paused } = line.kind;
    return [
      ["kind", kind],
      ["tasks", `${count(ready)} ready, ${count(running)} running, ${count(delayed)} delayed, ${count(dead)} dead`],
      ["paused", paused ? `by ${paused.by}, ${instant(paused.at, now)}` : "no"],
      ["served", line.isServed ? "yes" : "no worker takes this kind"],
    ];
  }
  if (line.is === "worker") {
    const { workerId, kinds, running, concurrency, startedAt } = line.worker;
    return [
      ["worker", workerId],
      ["kinds", kinds?.join(", ") ?? "all"],
      ["running", `${running} of ${concurrency}`],
      ["since", instant(startedAt, now)],
    ];
  }
  const { id, kind, workerId, attempt, maxAttempts, priority, startedAt, progress } = line.task;
  return [
    ["task", id],
    ["kind", kind],
    ["worker", workerId ?? "none"],
    ["try", `${attempt} of ${maxAttempts ?? "unknown"}, priority ${priority ?? "unknown"}`],
    ["began", startedAt === null ? "unknown" : instant(startedAt, now)],
    ["progress", progress ? `${progress.percent}% ${progress.note}` : "none told"],
    ["payload", `rig tasks show ${id}`],
  ];
}

/** All that is known of the chosen line. */
export function Details({ model }: { model: TasksModel }): ReactElement {
  const line = selectedLine(model);
  if (!line) return <Text>It is gone. Escape goes back.</Text>;
  return <Facts model={model} state={stateOf(line)} facts={factsOf(line, model.now)} />;
}
