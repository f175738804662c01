import type { ReactElement } from "react";
import { shortDuration } from "../figures.ts";
import { VolatileText } from "../volatile-text.tsx";
import { isStale, type LiveModel } from "./model.ts";

type Model = LiveModel<never, unknown>;

/** How old the data is, and whether it can be trusted. */
function freshness(model: Model): string {
  const { loadedAt, now, problem, frozen } = model;
  const age = loadedAt === null ? "no data yet" : `data ${shortDuration(now - loadedAt)} old`;
  if (isStale(model)) return `STALE ${age}${problem ? `: ${problem}` : ""}`;
  return frozen ? `FROZEN ${age}` : age;
}

/** The second line of a screen: how old its data is, and how it is shown. `order`: what it is sorted by. */
export function FreshnessLine({ model, order, shown }: { model: Model; order: string; shown: string }): ReactElement {
  const sort = `sort ${order} ${model.inverted ? "inverted" : ""}`.trim();
  return (
    <VolatileText
      text={`${freshness(model)} · every ${model.intervalMs / 1000} s · ${sort} · ${shown}`}
      width={model.size.columns}
      inverse={isStale(model)}
    />
  );
}
