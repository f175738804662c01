import { Box, Text } from "ink";
import type { ReactElement } from "react";
import { HEALTH_MARK, type Health } from "../../domain/stream-health.ts";
import { count, shortDuration } from "../figures.ts";
import { VolatileText } from "../volatile-text.tsx";
import type { RelayCounts } from "./line.ts";
import { isStale, type TopModel } from "./model.ts";

export const HEALTH_COLOR: Readonly<Record<Health, string>> = { live: "green", slow: "yellow", down: "red" };

/** How old the data is, and whether it can be trusted. */
function freshness({ loadedAt, now, problem, frozen, ...rest }: TopModel): string {
  const age = loadedAt === null ? "no data yet" : `data ${shortDuration(now - loadedAt)} old`;
  if (isStale({ loadedAt, now, problem, frozen, ...rest })) return `STALE ${age}${problem ? `: ${problem}` : ""}`;
  return frozen ? `FROZEN ${age}` : age;
}

const plural = (number: number, what: string): string => `${count(number)} ${what}${number === 1 ? "" : "s"}`;

const marked = (health: Health, counts: RelayCounts): string =>
  `${HEALTH_MARK[health]} ${count(counts[health])} ${health}`;

/** The two lines above the list: what there is, and how it is shown. */
export function Heading({ model }: { model: TopModel }): ReactElement {
  const {
    counts,
    size: { columns },
  } = model;
  const total = `${plural(model.streams.length, "live stream")}, ${plural(counts.all, "relay")}  `;
  const shown = model.filter
    ? `filter ${model.filterText} (${plural(model.arrangement.groups.length, "stream")})`
    : "no filter";
  const sort = `sort ${model.order} ${model.inverted ? "inverted" : ""}`.trim();
  const state = freshness(model);
  return (
    <Box flexDirection="column">
      <Text wrap="truncate">
        <Text bold>rig streams top </Text>
        {total}
        <Text color={HEALTH_COLOR.live}>{marked("live", counts)}</Text>{" "}
        <Text color={HEALTH_COLOR.slow}>{marked("slow", counts)}</Text>{" "}
        <Text color={HEALTH_COLOR.down}>{marked("down", counts)}</Text>
      </Text>
      <VolatileText
        text={`${state} · every ${model.intervalMs / 1000} s · ${sort} · ${shown}`}
        width={columns}
        inverse={isStale(model)}
      />
    </Box>
  );
}
