import type { RelayReason } from "../domain/relay.ts";
import type { Verdict } from "./push-watchdog.ts";
import { INPUT_OPEN, type RelayPhase, WRITE_FAILED } from "./relay-log.ts";

/** All that is known of a try that has ended. */
export interface EndFacts {
  /** ffmpeg's last lines, oldest first, without secrets. */
  readonly lines: readonly string[];
  readonly phase: RelayPhase;
  readonly verdict: Verdict | null;
  readonly pullUrl: string;
  readonly pushUrl: string;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
}

// Not warnings: a server that does not know some old command is no refusal.
const HEAD = /^(?:\[[^\]]* @ 0x[0-9a-f]+\] )?\[(?:error|fatal)\] /;

/** Lines that name a cause by themselves, the telling ones first: ffmpeg ends most of them with a mere "Input/output error". */
const CAUSES: readonly (readonly [RegExp, RelayReason])[] = [
  [/Failed to resolve hostname/, "unknown host"],
  [
    /Peer certificate failed verification|certificate verify failed|certificate.*(?:expired|not trusted|unknown)/i,
    "tls",
  ],
  [/Server error:.*(?:already|in use|badname|duplicate|exists)/i, "in use"],
  [/Server error:/, "rejected"],
  [/Stream map '0:v:0' matches no streams/, "no video"],
  [/Could not find tag for codec|not currently supported in container|Unsupported codec|unknown codec/i, "codec"],
  [/^\[tls @ 0x[0-9a-f]+\] \[error\] (?!.*(?:timed out|pull function|reset by peer|Connection refused))/i, "tls"],
  [/failed: (?:Connection refused|No route to host|Network is unreachable)/, "connection refused"],
  [/failed: Connection timed out/, "timeout"],
];

/** How the line that carries the destination's URL ends, where no line before it told the cause. */
const LAST_WORDS: readonly (readonly [RegExp, RelayReason])[] = [
  [/Operation not permitted/, "rejected"],
  [/Connection refused|No route to host|Network is unreachable|Cannot assign requested address/, "connection refused"],
  [/Connection timed out|Operation timed out/, "timeout"],
  [/Connection reset|Broken pipe|End of file|Input\/output error|Invalid data/, "closed"],
];

const match = (table: typeof CAUSES, line: string) => table.find(([pattern]) => pattern.test(line))?.[1];

/**
 * Why a try ended, read from all last lines and from the URL at their head, never from the exit code alone
 * (an input's timeout, too, reads "Input/output error"). `detail` is ffmpeg's own line on it.
 */
export function endReason(facts: EndFacts): { reason: RelayReason; detail: string } {
  const present = facts.lines.slice(facts.lines.findLastIndex((line) => INPUT_OPEN.test(line)) + 1);
  const lines = present.filter((line) => HEAD.test(line));
  const words = (line: string | undefined) => line?.replace(HEAD, "").trim() ?? "";
  if (facts.verdict) return { reason: facts.verdict, detail: words(lines.at(-1)) };

  const failedWrite = lines.find((line) => WRITE_FAILED.test(line));
  if (failedWrite) return { reason: /timed out/.test(failedWrite) ? "stalled" : "closed", detail: words(failedWrite) };

  if (facts.exitSignal !== null) return crashed(facts, words(lines.at(-1)));
  const early = facts.phase === "input" ? inputReason(lines) : null;
  if (early) return { reason: early.reason, detail: words(early.line) };
  for (const table of [CAUSES, LAST_WORDS]) {
    const about =
      facts.phase === "input" ? [] : lines.filter((line) => table === CAUSES || line.includes(facts.pushUrl));
    for (const line of about) {
      const reason = match(table, line);
      if (reason) return { reason, detail: words(line) };
    }
  }
  const sourceLine = lines.findLast((line) => line.includes(facts.pullUrl));
  if (sourceLine) return { reason: "source gone", detail: words(sourceLine) };
  if (facts.exitCode === 0) return { reason: "source gone", detail: "the input ended" };
  return crashed(facts, words(lines.at(-1)));
}

function crashed({ exitCode, exitSignal }: EndFacts, lastWords: string): { reason: RelayReason; detail: string } {
  const how = exitSignal ? `ended by ${exitSignal}` : `exit code ${exitCode}`;
  return { reason: "crashed", detail: lastWords === "" ? how : `${how}: ${lastWords}` };
}

/** Before the input is open nothing can be the destination's doing. */
function inputReason(lines: readonly string[]): { reason: RelayReason; line: string } | null {
  for (const line of lines) {
    const reason = match(CAUSES, line);
    if (reason === "no video" || reason === "codec") return { reason, line };
  }
  const line = lines.find((each) => /rtmp:\/\/|Server error|Connection/.test(each));
  return line === undefined ? null : { reason: "source gone", line };
}
