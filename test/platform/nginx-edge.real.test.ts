import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareTracks } from "../../src/demo/compare-packets.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { type Encoder, startEncoder } from "../support/encoder.ts";
import { lastPublish, openShow, type Show } from "../support/live-show.ts";
import { findNginxRtmp, type TestNginx } from "../support/nginx.ts";
import { type NginxEdge, nginxEdge, nginxOwners } from "../support/nginx-edge.ts";
import { relayProcesses, startPlatform, type TestPlatform } from "../support/platform.ts";
import { until } from "../support/until.ts";

interface DemoReport {
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

const DROP_MS = 4_000; // it takes a tenth; the next report, which tells of the drop too, comes after up to 5 s

const isInstalled = findNginxRtmp() !== null;
const [owner = "root", ...otherOwners] = nginxOwners;

describe.skipIf(!isInstalled).concurrent(`rig up beside an nginx-rtmp of ${owner}`, () => {
  let edge: NginxEdge;
  let nginx: TestNginx;
  let platform: TestPlatform;
  let show: Show;

  beforeAll(async () => {
    edge = await nginxEdge(owner);
    platform = await startPlatform({ env: edge.settings });
  });
  afterAll(async () => {
    await show?.close();
    await platform?.stop();
    await edge?.close();
  });

  const roleOfAgent = async () => (await platform.json<{ roles: { agent: string } }>(["status"])).roles.agent;

  /** What the encoder of a refused publish met. */
  const refusal = (streamKey: string): Promise<{ code: string } | null> =>
    startEncoder({ publishUrl: edge.publishUrl, streamKey }).then(
      (encoder) => encoder.ended as Promise<{ code: string } | null>,
      (error: { code: string }) => error,
    );

  it.sequential("starts before nginx does, says that the ingest is away, and takes publishers once it runs", async () => {
    expect(await roleOfAgent()).toBe("unready: ingest");
    await until(async () => (await platform.log()).includes("nginx is not reachable"), { what: "it is logged" });

    nginx = await edge.start();

    await until(async () => (await roleOfAgent()) === "ready", { stepMs: 200, what: "the agent is ready" });
    show = await openShow(platform, { sinks: 3 });
    const encoder = await show.goLive();
    await until(() => encoder.sent.length > 150, { what: "150 packets are sent" });
    await arrivesWhole(show, encoder);
    expect(nginx.errors()).not.toContain(show.stream.streamKey);
  });

  it("passes the demo, frame 0 included", async () => {
    const { checks } = await platform.json<DemoReport>(["demo", "--seconds", "10"]);

    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks).toHaveLength(5);
  });

  it("refuses a wrong key and a second encoder by a bare close, and the first one stays", async () => {
    expect(await refusal("not-a-key-of-anybody")).toMatchObject({ code: "CLOSED" });
    const first = await show.goLive();

    const second = await refusal(show.stream.streamKey);

    expect(second).toMatchObject({ code: "CLOSED" });
    await until(async () => (await platform.log()).includes('"code":"STREAM_IN_USE"'), { what: "it is logged" });
    const sent = first.sent.length;
    await until(() => first.sent.length > sent + 100, { what: "the first one goes on" });
    await arrivesWhole(show, first);
  });

  it.sequential("disconnects a dropped publisher", async () => {
    const encoder = await show.goLive();
    let endedAt = 0;
    const ended = encoder.ended.then(() => {
      endedAt = systemClock.monotonic();
    });

    const ordered = await platform.run(["streams", "drop", show.stream.id]);
    const droppedAt = systemClock.monotonic();
    await ended;

    expect(ordered.code).toBe(0);
    expect(endedAt - droppedAt).toBeLessThan(DROP_MS);
    await until(async () => !(await platform.stream(show.stream.id)).live, {
      stepMs: 300,
      what: "nginx reported the end",
    });
  });

  it.sequential("ends the publish and its relays when nginx is killed, and works again with the next nginx", async () => {
    const encoder = await show.goLive();

    await nginx.kill();

    await encoder.ended;
    await until(async () => !(await platform.stream(show.stream.id)).live, { stepMs: 300 });
    await until(async () => (await relaysOf(edge)).length === 0, { what: "no relay is left" });
    nginx = await edge.start();
    await until(async () => (await roleOfAgent()) === "ready", { stepMs: 200, what: "the agent is ready" });
    const again = await show.goLive();
    await until(() => again.sent.length > 100, { what: "100 packets are sent" });
    await arrivesWhole(show, again);
  });

  it.sequential("drops what a killed rig left at nginx, and takes the encoder back", async () => {
    const encoder = await show.goLive();

    process.kill(await platform.pid(), "SIGKILL");
    await until(async () => (await relaysOf(edge)).length === 0, { what: "its relays end with it" });
    expect(encoder.isLive()).toBe(true);
    await platform.up();

    await encoder.ended;
    const again = await until(() => show.goLive().catch(() => null), { stepMs: 500 });
    await until(() => again.sent.length > 100, { what: "100 packets are sent" });
    await arrivesWhole(show, again);
  });

  it.sequential("drops its publishers and flushes their relays when it stops, and leaves nginx alone", async () => {
    const encoder = await show.goLive();
    await until(() => encoder.sent.length > 100, { what: "100 packets are sent" });

    const { code } = await platform.run(["down"]);
    await encoder.ended;

    expect(code).toBe(0);
    expect(await relaysOf(edge)).toEqual([]);
    for (const { publishes } of show.sinks) {
      const received = lastPublish(publishes);
      expect(received.length).toBeGreaterThan(100);
      expect(compareTracks(encoder.sent.slice(0, received.length), received).problem).toBeNull();
    }
    expect(() => process.kill(nginx.pid, 0)).not.toThrow();
  });
});

describe.skipIf(!isInstalled).concurrent.each(otherOwners)("rig up beside an nginx-rtmp of %s", (other) => {
  it("carries a publish, and works again with the next nginx", async () => {
    const edge = await nginxEdge(other);
    const nginx = await edge.start();
    const platform = await startPlatform({ env: edge.settings });
    const show = await openShow(platform, { sinks: 1 });
    try {
      const encoder = await show.goLive();
      await until(() => encoder.sent.length > 100, { what: "100 packets are sent" });
      await arrivesWhole(show, encoder);
      await nginx.kill();
      await edge.start();

      const again = await until(() => show.goLive().catch(() => null), { stepMs: 500 });

      await until(() => again.sent.length > 100, { what: "100 packets are sent" });
      await arrivesWhole(show, again);
    } finally {
      await show.close();
      await platform.stop();
      await edge.close();
    }
  });
});

async function arrivesWhole({ sinks }: Show, encoder: Encoder): Promise<void> {
  await encoder.end();
  for (const { publishes } of sinks) {
    await until(() => lastPublish(publishes).length >= encoder.sent.length).catch(() => {}); // judged below
    expect(compareTracks(encoder.sent, lastPublish(publishes)).problem).toBeNull();
  }
}

const relaysOf = ({ publishUrl }: NginxEdge) => relayProcesses({ status: { ingest: { url: publishUrl } } });
