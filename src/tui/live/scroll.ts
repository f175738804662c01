/** Which part of a list is in sight, and which of its lines is chosen. */
export interface Scroll {
  readonly top: number;
  readonly selected: number;
}

/** Keeps the chosen line inside the list, and the window around it and full where the list allows. */
export function scrollTo(selected: number, { top }: Pick<Scroll, "top">, lineCount: number, height: number): Scroll {
  const chosen = Math.max(0, Math.min(selected, lineCount - 1));
  const visible = Math.max(1, height);
  const around = Math.max(chosen - visible + 1, Math.min(top, chosen));
  return { selected: chosen, top: Math.max(0, Math.min(around, lineCount - visible)) };
}
