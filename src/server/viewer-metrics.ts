import type { ClockStanding } from "../domain/clock-difference.ts";
import type { ViewerCounts } from "../domain/viewer-activity.ts";
import type { Times } from "../services/time-viewers.ts";

/** What the stream service's metrics are made of. */
export interface ViewerFigures {
  readonly counts: ViewerCounts;
  /** Tokens that live in the sessions that this server answered. */
  readonly live: number;
  readonly store: Times;
  /** Null where the store has the only clock that counts. */
  readonly clock: ClockStanding | null;
}

/** Each code by which a viewer is refused, and the event that counts it. */
const REFUSALS = {
  no_session: "noSession",
  session_full: "sessionFull",
  device_full: "deviceFull",
  content_full: "contentFull",
  token_expired: "expired",
  token_ended: "ended",
  failed: "failed",
} as const;

/** The stream service's metrics in the text format of Prometheus: figures alone, no names. */
export const viewerMetrics = (figures: ViewerFigures): string =>
  [...counted(figures.counts), ...living(figures.live), ...timed(figures.store), ...compared(figures.clock), ""].join(
    "\n",
  );

const counted = (counts: ViewerCounts): string[] => [
  ...metric("rig_viewer_tokens_issued_total", "counter", "Viewer tokens issued.", [["", counts.issued]]),
  ...metric("rig_viewer_tokens_repeated_total", "counter", "Creates asked again that got the token they had.", [
    ["", counts.repeated],
  ]),
  ...metric("rig_viewer_tokens_refreshed_total", "counter", "Renewals of viewer tokens.", [["", counts.renewed]]),
  ...metric("rig_viewer_tokens_stopped_total", "counter", "Viewer tokens that their session ended.", [
    ["", counts.stopped],
  ]),
  ...metric("rig_viewer_tokens_evicted_total", "counter", "Viewer tokens that made room or that an operator ended.", [
    ["", counts.evicted],
  ]),
  ...metric(
    "rig_viewer_tokens_refused_total",
    "counter",
    "Viewers that got no token, by why.",
    Object.entries(REFUSALS).map(([code, event]) => [`{code="${code}"}`, counts[event]]),
  ),
];

const living = (live: number): string[] =>
  metric("rig_viewer_tokens_live", "gauge", "Live viewer tokens of the sessions that this server answered.", [
    ["", live],
  ]);

const STORE = "rig_viewer_store_seconds";

const timed = ({ upTo, times, seconds }: Times): string[] => [
  ...metric(STORE, "histogram", "Time of the store's answers.", [
    ...upTo.map(([bound, count]): Sample => [`_bucket{le="${bound}"}`, count]),
    ['_bucket{le="+Inf"}', times],
    ["_sum", seconds],
    ["_count", times],
  ]),
];

const compared = (clock: ClockStanding | null): string[] =>
  clock === null
    ? []
    : [
        ...metric("rig_clock_difference_seconds", "gauge", "How far this clock is ahead of the other servers'.", [
          ["", clock.differenceMs / 1_000],
        ]),
        ...metric("rig_clock_servers", "gauge", "Servers whose clocks are compared, this one included.", [
          ["", clock.servers],
        ]),
      ];

type Sample = readonly [suffix: string, value: number];

const metric = (name: string, type: string, help: string, samples: readonly Sample[]): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  ...samples.map(([suffix, value]) => `${name}${suffix} ${value}`),
];
