import { safeText } from "../domain/safe-text.ts";

const MAX_LINES = 40;
const MAX_LINE = 4096;
const MAX_SHOWN = 300;

/** How far a relay has come: reading its input, connecting to its destination, or sending. */
export type RelayPhase = "input" | "connecting" | "sending";

/** Takes secrets out of a text: each as it is, percent-encoded, and cut before its query. */
export function redact(text: string, secrets: readonly string[]): string {
  const shapes = secrets.flatMap((secret) => [secret, encodeURIComponent(secret), secret.split("?")[0] ?? ""]);
  const longestFirst = [...new Set(shapes)].filter((shape) => shape !== "").sort((a, b) => b.length - a.length);
  return longestFirst.reduce((clean, shape) => clean.replaceAll(shape, "[redacted]"), text);
}

/** What ffmpeg said on stderr: bounded, without secrets, and what it tells of the relay's progress. */
export interface RelayLog {
  feed(chunk: string): void;
  /** The last lines, oldest first. */
  lines(): readonly string[];
  phase(): RelayPhase;
  /** A write to the destination failed. ffmpeg still tries to flush, which costs one timeout after the other. */
  writeFailed(): boolean;
}

// Metadata of the publisher is printed too, but never at the start of a line: these cannot be forged by it.
/** The line by which ffmpeg says that its input is open: what stands before it is the input's doing. */
export const INPUT_OPEN = /^\[info\] Input #0, /;
const OUTPUT_OPEN = /^\[info\] Output #0, /;
/** The line by which it says that the destination took no more. */
export const WRITE_FAILED =
  /^(?:\[[\w#:/]+ @ 0x[0-9a-f]+\] )?\[error\] (?:av_interleaved_write_frame\(\)|Error submitting a packet to the muxer|Error muxing a packet)/;

/** @param secrets are taken out of every line before it is kept */
export function relayLog(secrets: readonly string[]): RelayLog {
  const kept: string[] = [];
  let pending = "";
  let phase: RelayPhase = "input";
  let failed = false;
  const take = (line: string) => {
    if (phase === "input" && INPUT_OPEN.test(line)) phase = "connecting";
    if (OUTPUT_OPEN.test(line)) phase = "sending";
    if (WRITE_FAILED.test(line)) failed = true;
    const whole = line.length < MAX_LINE ? redact(line, secrets) : "[a line too long to be shown]"; // a cut could hide half a secret
    kept.push(safeText(whole).slice(0, MAX_SHOWN));
    if (kept.length > MAX_LINES) kept.shift();
  };
  return {
    feed(chunk) {
      const lines = (pending + chunk).split(/[\r\n]+/);
      pending = (lines.pop() ?? "").slice(0, MAX_LINE);
      for (const line of lines) if (line.trim() !== "") take(line);
    },
    lines: () => (pending.trim() === "" ? kept : [...kept, safeText(redact(pending, secrets)).slice(0, MAX_SHOWN)]),
    phase: () => phase,
    writeFailed: () => failed,
  };
}
