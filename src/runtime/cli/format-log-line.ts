import { safeText } from "../../domain/safe-text.ts";

const LEVELS: Record<string, string> = { debug: "debug", info: "info ", warn: "WARN ", error: "ERROR" };

/** One JSON line of the log for a person: time, level, words, fields. A line that is not JSON is shown as it is. */
export function formatLogLine(line: string): string {
  const entry = parse(line);
  if (entry === null) return safeText(line);
  const { time, level, msg, pid: _pid, err, ...fields } = entry;
  const clock = String(time ?? "").slice(11, 23);
  const shown = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  const words = shown.map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const reason = err === undefined ? [] : [`error=${JSON.stringify(messageOf(err))}`];
  return safeText([clock, LEVELS[String(level)] ?? String(level), String(msg ?? ""), ...words, ...reason].join("  "));
}

const messageOf = (err: unknown): unknown =>
  typeof err === "object" && err !== null && "message" in err ? err.message : err;

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null; // a child's own words, or a line cut off by a crash
  }
}
