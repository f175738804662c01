import { Box, Text } from "ink";
import type { ReactElement } from "react";
import type { KindStatus } from "../../domain/task-status.ts";
import { count } from "../figures.ts";
import { FreshnessLine } from "../live/freshness-line.tsx";
import { HEALTH_COLOR, MARK } from "../live/health.ts";
import type { TasksModel } from "./model.ts";

const plural = (number: number, what: string): string => `${count(number)} ${what}${number === 1 ? "" : "s"}`;

/** The two lines above the list: what there is, and how it is shown. */
export function Heading({ model }: { model: TasksModel }): ReactElement {
  const { kinds, workers } = model.overview;
  const sum = (read: (kind: KindStatus) => number) => count(kinds.reduce((total, kind) => total + read(kind), 0));
  const dead = sum(({ dead: number }) => number);
  const shown = model.filter ? `filter ${model.filterText}` : "no filter";
  return (
    <Box flexDirection="column">
      <Text wrap="truncate">
        <Text bold>rig tasks top </Text>
        {`${plural(workers.length, "worker")}  `}
        <Text color={HEALTH_COLOR.good}>{`${MARK.good} ${sum(({ running }) => running)} running`}</Text>
        {`  ${sum(({ ready }) => ready)} ready  ${sum(({ delayed }) => delayed)} delayed  `}
        <Text color={dead === "0" ? "" : HEALTH_COLOR.bad}>{`${MARK.bad} ${dead} dead`}</Text>
      </Text>
      <FreshnessLine model={model} order={model.order} shown={shown} />
    </Box>
  );
}
