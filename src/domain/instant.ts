const LATEST = 8.64e15; // the last one that a Date can say

/** True for ms since the epoch that can be shown as a date. */
export const isInstant = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= LATEST;
