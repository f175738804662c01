import type { StreamStatus } from "../../domain/live.ts";
import { EVERYWHERE, KEYS, type Step } from "./commands.ts";
import { rearrange, type Size, type TopModel, takeStatuses } from "./model.ts";

/** Whatever may change the screen. `key` is a character or a name such as `down`, `enter`, `ctrl-c`. */
export type TopEvent =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "loaded"; readonly statuses: readonly StreamStatus[]; readonly now: number }
  | { readonly kind: "load failed"; readonly problem: string; readonly now: number }
  | { readonly kind: "tick"; readonly now: number }
  | { readonly kind: "resized"; readonly size: Size }
  | { readonly kind: "said"; readonly text: string };

const FIRST_OF_TWO = "g";

function press(model: TopModel, key: string): Step {
  const keys = KEYS[model.mode];
  const whole = (model.pendingKey ?? "") + key;
  const fresh: TopModel = { ...model, pendingKey: null, message: null };
  if (key === FIRST_OF_TWO && whole === key && keys.gg) return { model: { ...fresh, pendingKey: key }, effects: [] };
  const command = EVERYWHERE[key] ?? keys[whole] ?? keys[key] ?? keys.other;
  return command ? command(fresh, key) : { model: fresh, effects: [] };
}

/** The one place where the model changes; pure. */
export function update(model: TopModel, event: TopEvent): Step {
  switch (event.kind) {
    case "key":
      return press(model, event.key);
    case "loaded":
      return { model: takeStatuses(model, event.statuses, event.now), effects: [] };
    case "load failed":
      return { model: { ...model, now: event.now, problem: event.problem }, effects: [] };
    case "tick":
      return { model: { ...model, now: event.now }, effects: [] };
    case "resized":
      return { model: rearrange({ ...model, size: event.size }), effects: [] };
    case "said":
      return { model: { ...model, message: event.text }, effects: [] };
  }
}
