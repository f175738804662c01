import { describe, expect, it } from "vitest";
import { noViewerCounts } from "../../src/domain/viewer-activity.ts";
import { viewerMetrics } from "../../src/server/viewer-metrics.ts";
import { StoreTimes, timedViewers } from "../../src/services/time-viewers.ts";
import { fakeClock } from "../support/fake-clock.ts";

const counts = {
  ...noViewerCounts(),
  issued: 3,
  renewed: 9,
  stopped: 1,
  evicted: 2,
  noSession: 8,
  sessionFull: 4,
  expired: 5,
  failed: 6,
};

describe("the stream service's metrics", () => {
  it("are counters, a histogram and the clock, in the text format of Prometheus", async () => {
    const times = new StoreTimes();
    for (const seconds of [0.0009, 0.002, 0.002, 3]) times.note(seconds);

    const lines = viewerMetrics({
      counts,
      live: 7,
      store: times.read(),
      clock: { differenceMs: -1_500, servers: 3 },
    }).split("\n");

    expect(lines.filter((line) => !line.startsWith("#"))).toEqual([
      "rig_viewer_tokens_issued_total 3",
      "rig_viewer_tokens_repeated_total 0",
      "rig_viewer_tokens_refreshed_total 9",
      "rig_viewer_tokens_stopped_total 1",
      "rig_viewer_tokens_evicted_total 2",
      'rig_viewer_tokens_refused_total{code="no_session"} 8',
      'rig_viewer_tokens_refused_total{code="session_full"} 4',
      'rig_viewer_tokens_refused_total{code="device_full"} 0',
      'rig_viewer_tokens_refused_total{code="content_full"} 0',
      'rig_viewer_tokens_refused_total{code="token_expired"} 5',
      'rig_viewer_tokens_refused_total{code="token_ended"} 0',
      'rig_viewer_tokens_refused_total{code="failed"} 6',
      "rig_viewer_tokens_live 7",
      'rig_viewer_store_seconds_bucket{le="0.001"} 1',
      ...[0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2].map(
        (bound) => `rig_viewer_store_seconds_bucket{le="${bound}"} 3`,
      ),
      'rig_viewer_store_seconds_bucket{le="+Inf"} 4',
      "rig_viewer_store_seconds_sum 3.0049",
      "rig_viewer_store_seconds_count 4",
      "rig_clock_difference_seconds -1.5",
      "rig_clock_servers 3",
      "",
    ]);
    expect(lines.filter((line) => line.startsWith("# TYPE"))).toHaveLength(10);
  });

  it("tell of no clock where the store's own counts", () => {
    const text = viewerMetrics({ counts, live: 0, store: new StoreTimes().read(), clock: null });

    expect(text).not.toContain("clock");
  });

  it("time answers and failures alike", async () => {
    const [clock, times] = [fakeClock(), new StoreTimes()];
    const apply = async () => {
      await clock.advance(40);
      throw new Error("the store failed");
    };

    const asked = timedViewers({ apply }, times, clock).apply({ key: "k", name: null }, {} as never);

    await expect(asked).rejects.toThrow("the store failed");
    expect(times.read()).toMatchObject({ times: 1, seconds: 0.04 });
  });
});
