import { type ChangedSettings, settingDifferences } from "../src/config/changed-settings.ts";
import { safeText } from "../src/domain/safe-text.ts";

/**
 * What a second `rig up` says of settings that the running platform does not have, since it was started with others.
 * @param started undefined where the start did not keep them
 * @returns empty where none differ
 */
export function notInForce(started: ChangedSettings | undefined, now: ChangedSettings): string {
  const differences = started === undefined ? [] : settingDifferences(started, now);
  if (differences.length === 0) return "";
  const width = Math.max(...differences.map(({ name }) => name.length));
  const lines = differences.map(
    (each) => `  ${each.name.padEnd(width)}  now ${shown(each.now)}, started with ${shown(each.before)}\n`,
  );
  return `
WARNING: rig was already running, and these settings are NOT in force: it was started with others.
${lines.join("")}To take what is set now: make down && make up (or rig down, then rig up)
`;
}

function shown(value: unknown): string {
  if (value === undefined) return "unset";
  if (value === "[redacted]") return "one that is not shown";
  return safeText(typeof value === "string" ? value : JSON.stringify(value));
}
