import type { TestPlatform } from "./platform.ts";

/** One line of a platform's log. */
export interface LogEntry {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The lines of a platform's log that say `message` and have these fields, oldest first. */
export async function logEntries(
  platform: TestPlatform,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<LogEntry[]> {
  const lines = (await platform.log()).split("\n").filter((line) => line.startsWith("{") && line.endsWith("}"));
  const entries = lines.map((line) => JSON.parse(line) as LogEntry);
  return entries.filter(
    (entry) => entry.msg === message && Object.entries(fields).every(([name, value]) => entry[name] === value),
  );
}
