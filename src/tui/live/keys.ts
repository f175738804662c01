import type { Key } from "ink";

const NAMED = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["pageUp", "pageup"],
  ["pageDown", "pagedown"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "escape"],
  ["backspace", "backspace"],
  ["delete", "backspace"], // what most terminals send for the backspace key
] as const satisfies readonly (readonly [keyof Key, string])[];

/** Names what ink reports: one name for a special key, the characters themselves for typed or pasted text. */
export function keyNames(input: string, key: Key): string[] {
  const named = NAMED.find(([flag]) => key[flag]);
  if (named) return [named[1]];
  if (key.ctrl) return [`ctrl-${input}`];
  return key.meta ? [] : [...input].map((character) => (character === "\r" ? "enter" : character));
}
