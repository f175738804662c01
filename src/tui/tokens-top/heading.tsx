import { Box, Text } from "ink";
import type { ReactElement } from "react";
import { type ViewerRates, viewerRates } from "../../domain/viewer-activity.ts";
import { perSecond } from "../figures.ts";
import { FreshnessLine } from "../live/freshness-line.tsx";
import { HEALTH_COLOR, MARK } from "../live/health.ts";
import type { TokensModel } from "./model.ts";

/** The two lines above the list: what all servers together answer, and how it is shown. */
export function Heading({ model }: { model: TokensModel }): ReactElement {
  const { servers } = model.activity;
  const rates = servers.map(({ recent }) => viewerRates(recent.counts, recent.ms));
  const sum = (read: (rate: ViewerRates) => number) => perSecond(rates.reduce((total, rate) => total + read(rate), 0));
  const [refused, failed] = [sum((rate) => rate.refused), sum((rate) => rate.failed)];
  const colored = (text: string, color: string) => (text === "0" ? "" : color);
  const shown = model.filter ? `filter ${model.filterText}` : "no filter";
  return (
    <Box flexDirection="column">
      <Text wrap="truncate">
        <Text bold>rig tokens top </Text>
        {"a second: "}
        <Text color={HEALTH_COLOR.good}>{`${MARK.good} ${sum(({ issued }) => issued)} issued`}</Text>
        {`  ${sum(({ renewed }) => renewed)} renewed  `}
        <Text color={colored(refused, HEALTH_COLOR.odd)}>{`${MARK.odd} ${refused} refused`}</Text>
        {"  "}
        <Text color={colored(failed, HEALTH_COLOR.bad)}>{`${MARK.bad} ${failed} failed`}</Text>
      </Text>
      <FreshnessLine model={model} order={model.order} shown={shown} />
    </Box>
  );
}
