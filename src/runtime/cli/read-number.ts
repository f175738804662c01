import { invalidInput } from "../../domain/errors.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration as it is typed, in milliseconds: `500ms`, `90s`, `5m`, `1.5h`, `2d`. @throws RigError INVALID_INPUT */
export function readDuration(flag: string, typed: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(typed) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs !== undefined) return Math.round(Number(number) * unitMs);
  throw invalidInput(flag, `must be a duration like 90s, 5m or 2h, got ${JSON.stringify(typed)}`);
}

/** A whole number within bounds. @throws RigError INVALID_INPUT */
export function readWhole(flag: string, typed: string, lowest: number, highest: number): number {
  const value = /^\d{1,15}$/.test(typed) ? Number(typed) : Number.NaN;
  if (value >= lowest && value <= highest) return value;
  throw invalidInput(flag, `must be a whole number from ${lowest} to ${highest}, got ${JSON.stringify(typed)}`);
}

const MAX_INTERVAL_SECONDS = 3_600;

/** How often a screen asks, in milliseconds; typed in seconds. @throws RigError INVALID_INPUT */
export function readInterval(flag: string, typed: string): number {
  const seconds = Number(typed);
  if (typed.trim() !== "" && seconds >= 0.1 && seconds <= MAX_INTERVAL_SECONDS) return seconds * 1000;
  throw invalidInput(flag, `must be 0.1-${MAX_INTERVAL_SECONDS} seconds, got ${JSON.stringify(typed)}`);
}
