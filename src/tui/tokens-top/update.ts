import type { ViewerActivity } from "../../domain/viewer-activity.ts";
import { type Command, just, type KeyTable, liveKeys } from "../live/commands.ts";
import type { Mode } from "../live/model.ts";
import { liveUpdate } from "../live/update.ts";
import { parseFilter } from "./filter.ts";
import type { Line } from "./line.ts";
import { sheet, type TokensModel, takeActivity } from "./model.ts";
import { ORDERS } from "./rows.ts";

const nextOrder: Command<TokensModel, never> = (model) => {
  const order = ORDERS[(ORDERS.indexOf(model.order) + 1) % ORDERS.length] ?? "asked";
  return just(sheet.rearrange({ ...model, order }));
};

const keys = liveKeys<Line, never, TokensModel>({ ...sheet, parseFilter });

/** What each key does in each mode; `gg` is two keys. */
const KEYS: Readonly<Record<Mode, KeyTable<TokensModel, never>>> = {
  ...keys,
  list: { ...keys.looking, ...keys.list, s: nextOrder },
  details: { ...keys.looking, ...keys.details },
};

/** The one place where the model changes; pure. */
export const update = liveUpdate<Line, never, TokensModel, ViewerActivity>({
  ...{ keys: KEYS, take: takeActivity },
  rearrange: sheet.rearrange,
});
