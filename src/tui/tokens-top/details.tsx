import { Text } from "ink";
import type { ReactElement } from "react";
import { VIEWER_EVENTS } from "../../domain/viewer-activity.ts";
import { count, perSecond, shortDuration } from "../figures.ts";
import { type Fact, Facts } from "../live/facts.tsx";
import { type Line, stateOf } from "./line.ts";
import { sheet, type TokensModel } from "./model.ts";

function factsOf(line: Line, now: number): readonly Fact[] {
  if (line.is === "server") {
    const { serverId, startedAt, counts, recent } = line.server;
    const since = `${new Date(startedAt).toISOString()}, ${shortDuration(now - startedAt)} ago`;
    const all = VIEWER_EVENTS.map((event): Fact => [event, `${count(counts[event])}, of late ${recent.counts[event]}`]);
    return [["server", serverId], ["since", since], ["of late", `${count(recent.ms)} ms`], ...all];
  }
  const { key, name, live, limit, asked, refused } = line.session;
  return [
    ["session", name ?? "too long to be kept"],
    ["key", key],
    ["live", limit === null ? `${live}` : `${live} of ${limit}`],
    ["asked", `${perSecond(asked)} a second`],
    ["refused", `${perSecond(refused)} a second`],
    ["tokens", `rig tokens show --key ${key}`],
  ];
}

/** All that is known of the chosen line. */
export function Details({ model }: { model: TokensModel }): ReactElement {
  const line = sheet.selectedLine(model);
  if (!line) return <Text>It is gone. Escape goes back.</Text>;
  return <Facts model={model} state={stateOf(line)} facts={factsOf(line, model.now)} />;
}
