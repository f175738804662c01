import { type KeyTable, quit, type Step } from "./commands.ts";
import type { LiveModel, Mode, Size } from "./model.ts";

/** Whatever may change a screen. `key` is a character or a name such as `down`, `enter`, `ctrl-c`. */
export type LiveEvent<Data> =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "loaded"; readonly data: Data; readonly now: number }
  | { readonly kind: "load failed"; readonly problem: string; readonly now: number }
  | { readonly kind: "tick"; readonly now: number }
  | { readonly kind: "resized"; readonly size: Size }
  | { readonly kind: "said"; readonly text: string };

/** What tells one screen from another. */
interface LiveRules<Model, Data, Action> {
  readonly keys: Readonly<Record<Mode, KeyTable<Model, Action>>>;
  /** Takes newly loaded data; a frozen screen keeps what it has. */
  take(model: Model, data: Data, now: number): Model;
  rearrange(model: Model): Model;
}

const FIRST_OF_TWO = "g";
const LEAVES = "ctrl-c"; // in every mode

/** The one place where a screen's model changes; pure. */
export const liveUpdate =
  <Line, Action, Model extends LiveModel<Line, Action>, Data>({ keys, ...rules }: LiveRules<Model, Data, Action>) =>
  (model: Model, event: LiveEvent<Data>): Step<Model, Action> => {
    switch (event.kind) {
      case "key":
        return press(keys[model.mode], model, event.key);
      case "loaded":
        return { model: rules.take(model, event.data, event.now), effects: [] };
      case "load failed":
        return { model: { ...model, now: event.now, problem: event.problem }, effects: [] };
      case "tick":
        return { model: { ...model, now: event.now }, effects: [] };
      case "resized":
        return { model: rules.rearrange({ ...model, size: event.size }), effects: [] };
      case "said":
        return { model: { ...model, message: event.text }, effects: [] };
    }
  };

function press<Action, Model extends LiveModel<never, Action>>(
  keys: KeyTable<Model, Action>,
  model: Model,
  key: string,
): Step<Model, Action> {
  const whole = (model.pendingKey ?? "") + key;
  const fresh: Model = { ...model, pendingKey: null, message: null };
  if (key === LEAVES) return quit(fresh);
  if (key === FIRST_OF_TWO && whole === key && keys.gg) return { model: { ...fresh, pendingKey: key }, effects: [] };
  const command = keys[whole] ?? keys[key] ?? keys.other;
  return command ? command(fresh, key) : { model: fresh, effects: [] };
}
