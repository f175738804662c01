import { relayHealth } from "../../domain/stream-health.ts";
import { type Command, just, type KeyTable, liveKeys, saying } from "../live/commands.ts";
import type { Mode } from "../live/model.ts";
import type { Action } from "./action.ts";
import { ORDERS } from "./arrangement.ts";
import { parseFilter } from "./filter.ts";
import type { Line } from "./line.ts";
import { bodyHeight, rearrange, select, selectedLine, type TopModel } from "./model.ts";

type TopCommand = Command<TopModel, Action>;

const nextOrder: TopCommand = (model) => {
  const order = ORDERS[(ORDERS.indexOf(model.order) + 1) % ORDERS.length] ?? "state";
  return just(rearrange({ ...model, order }));
};

const askDrop: TopCommand = (model) => {
  const line = selectedLine(model);
  if (!line) return saying(model, "nothing to drop: no stream is chosen");
  const { id, title, username } = line.status;
  const words = `Drop the publisher of "${title}" (${username})? y drops, any other key does not`;
  const asked = { words, action: { kind: "drop", streamId: id, title }, notDone: "not dropped" } as const;
  return just({ ...model, mode: "ask", asked });
};

const retry: TopCommand = (model) => {
  const line = selectedLine(model);
  if (!line) return saying(model, "nothing to retry: no relay is chosen");
  const relays = line.relay ? [line.relay] : line.publish.relays;
  const destinationIds = relays.filter((relay) => relayHealth(relay) === "down").map((relay) => relay.destinationId);
  if (destinationIds.length === 0) return saying(model, "nothing to retry: no relay here waits");
  return { model, effects: [{ kind: "retry", destinationIds }] };
};

const keys = liveKeys<Line, Action, TopModel>({
  ...{ select, rearrange, bodyHeight, parseFilter },
  lineCount: ({ arrangement }) => arrangement.lineCount,
});
const acting: KeyTable<TopModel, Action> = { x: askDrop, r: retry };

/** What each key does in each mode; `gg` is two keys. */
export const KEYS: Readonly<Record<Mode, KeyTable<TopModel, Action>>> = {
  list: { ...keys.looking, ...acting, ...keys.list, s: nextOrder },
  details: { ...keys.looking, ...acting, ...keys.details },
  filter: keys.filter,
  ask: keys.ask,
  help: keys.help,
};
