import { HEALTH_MARK, relayHealth } from "../../domain/stream-health.ts";
import { toCells } from "../cells.ts";
import { count, kbits, shortBytes, shortDuration } from "../figures.ts";
import type { Line } from "./line.ts";

interface Column {
  readonly heading: string;
  readonly width: number;
  readonly align: "left" | "right";
  /** Shown on terminals at least this wide. */
  readonly from: number;
  readonly text: (line: Line, now: number) => string;
}

const STATE_WIDTH = 10;
const NOTHING = "–";

/** `✖ waiting`: a sign and a word, so that colour only repeats it. */
export function stateText({ relay, health }: Line): string {
  const word = relay && !(relay.state === "pushing" && health === "slow") ? relay.state : health;
  return `${HEALTH_MARK[health]} ${word}`;
}

/** Time until the next retry: `4s`, `now`, or nothing where none is due. */
export const retryText = (nextRetryAt: number | null, now: number): string =>
  nextRetryAt === null ? "" : nextRetryAt <= now ? "now" : shortDuration(nextRetryAt - now + 999); // rounded up

/** An id in at most `width` cells by its end: neighbours' ULIDs begin alike. */
const idEnd = (id: string, width: number): string => (id.length <= width ? id : `…${id.slice(1 - width)}`);

const relaysUp = ({ publish }: Line): string =>
  `${publish.relays.filter((relay) => relayHealth(relay) === "live").length}/${publish.relays.length} up`;

/** Right of the name, in this order. */
const COLUMNS: readonly Column[] = [
  { heading: "REASON", width: 18, align: "left", from: 0, text: ({ relay }) => relay?.reason ?? "" },
  { heading: "TRY", width: 4, align: "right", from: 72, text: ({ relay }) => (relay ? `#${relay.attempt}` : "") },
  {
    heading: "AGENT",
    width: 16,
    align: "left",
    from: 130,
    text: ({ relay, publish }) => (relay ? "" : publish.agentId),
  },
  {
    heading: "RETRY",
    width: 6,
    align: "right",
    from: 0,
    text: (line, now) => (line.relay ? retryText(line.relay.nextRetryAt, now) : relaysUp(line)),
  },
  {
    heading: "KBIT/S",
    width: 7,
    align: "right",
    from: 0,
    text: ({ relay, publish }) => kbits(relay ? relay.bps : publish.ingestBps),
  },
  {
    heading: "SPEED",
    width: 5,
    align: "right",
    from: 60,
    text: ({ relay }) => (relay ? (relay.speed === null ? NOTHING : `${relay.speed.toFixed(2)}x`) : ""),
  },
  {
    heading: "LOST",
    width: 5,
    align: "right",
    from: 60,
    text: ({ relay, publish }) => count((relay ?? publish).lostFrames),
  },
  {
    heading: "BYTES",
    width: 8,
    align: "right",
    from: 110,
    text: ({ relay, publish }) => shortBytes(relay ? relay.egressBytes : publish.ingestBytes),
  },
  {
    heading: "AGE",
    width: 6,
    align: "right",
    from: 50,
    text: ({ relay, publish }, now) => shortDuration(now - (relay ? relay.since : publish.startedAt)),
  },
];

const MIN_NAME = 8;

/** What of a line is drawn in which style: the state in its colour, the rest plain. */
export interface DrawnLine {
  readonly state: string;
  readonly rest: string;
}

const fitting = (width: number): readonly Column[] => COLUMNS.filter(({ from }) => width >= from);

const nameWidth = (columns: readonly Column[], width: number): number =>
  Math.max(MIN_NAME, width - STATE_WIDTH - 1 - columns.reduce((sum, column) => sum + column.width + 1, 0));

/** The columns' names, `width` cells in all. */
export function headings(width: number): string {
  const columns = fitting(width);
  const cells = columns.map(({ heading, width: cell, align }) => toCells(heading, cell, align));
  return [toCells("STATE", STATE_WIDTH), toCells("STREAM", nameWidth(columns, width)), ...cells].join(" ");
}

/** One line, `width` cells in all. A stream has no reason or attempt: its name takes their place. */
export function drawLine(line: Line, width: number, now: number): DrawnLine {
  const columns = fitting(width);
  let name = nameWidth(columns, width);
  let rest = columns;
  if (!line.relay) {
    rest = columns.filter(({ heading }) => heading !== "REASON" && heading !== "TRY");
    for (const { heading, width: cell } of columns) if (heading === "REASON" || heading === "TRY") name += cell + 1;
  }
  const text = line.relay
    ? ` └ ${idEnd(line.relay.destinationId, name - 3)}`
    : `${line.status.username} / ${line.status.title}`;
  const cells = rest.map((column) => toCells(column.text(line, now), column.width, column.align));
  return { state: toCells(stateText(line), STATE_WIDTH), rest: ["", toCells(text, name), ...cells].join(" ") };
}
