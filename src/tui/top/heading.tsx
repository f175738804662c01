import { Box, Text } from "ink";
import type { ReactElement } from "react";
import { HEALTH_MARK, type Health } from "../../domain/stream-health.ts";
import { count } from "../figures.ts";
import { FreshnessLine } from "../live/freshness-line.tsx";
import type { RelayCounts } from "./line.ts";
import type { TopModel } from "./model.ts";

export const HEALTH_COLOR: Readonly<Record<Health, string>> = { live: "green", slow: "yellow", down: "red" };

const plural = (number: number, what: string): string => `${count(number)} ${what}${number === 1 ? "" : "s"}`;

const marked = (health: Health, counts: RelayCounts): string =>
  `${HEALTH_MARK[health]} ${count(counts[health])} ${health}`;

/** The two lines above the list: what there is, and how it is shown. */
export function Heading({ model }: { model: TopModel }): ReactElement {
  const { counts } = model;
  const total = `${plural(model.streams.length, "live stream")}, ${plural(counts.all, "relay")}  `;
  const shown = model.filter
    ? `filter ${model.filterText} (${plural(model.arrangement.groups.length, "stream")})`
    : "no filter";
  return (
    <Box flexDirection="column">
      <Text wrap="truncate">
        <Text bold>rig streams top </Text>
        {total}
        <Text color={HEALTH_COLOR.live}>{marked("live", counts)}</Text>{" "}
        <Text color={HEALTH_COLOR.slow}>{marked("slow", counts)}</Text>{" "}
        <Text color={HEALTH_COLOR.down}>{marked("down", counts)}</Text>
      </Text>
      <FreshnessLine model={model} order={model.order} shown={shown} />
    </Box>
  );
}
