/** How a line does: colour and sign follow it. */
export type Health = "good" | "odd" | "bad";

/** A sign for each, so that colour is never the only one. */
export const MARK: Readonly<Record<Health, string>> = { good: "●", odd: "▲", bad: "✖" };

export const HEALTH_COLOR: Readonly<Record<Health, string>> = { good: "green", odd: "yellow", bad: "red" };

/** The state of a line in a word, and how good that is. */
export interface LineState {
  readonly word: string;
  readonly health: Health;
}
