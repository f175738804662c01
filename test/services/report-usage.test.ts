import { expect, it } from "vitest";
import { acceptPublish } from "../../src/services/accept-publish.ts";
import { countIngest, livePublishes } from "../../src/services/count-ingest.ts";
import { notePlayer } from "../../src/services/edge.ts";
import { dropPublish, endPublish } from "../../src/services/end-publish.ts";
import type { IngestStat } from "../../src/services/ingest.ts";
import { reclaimPublishes } from "../../src/services/reclaim-publishes.ts";
import { reportUsage } from "../../src/services/report-usage.ts";
import { answerFor, type FakeEdge, fakeEdge, request, target } from "../support/fake-edge.ts";

const never = new AbortController().signal;

async function live(fake: FakeEdge) {
  const decision = acceptPublish(fake.edge, request("key"), never);
  await fake.clock.advance(300);
  await decision;
  const publish = fake.edge.publishes.get("publish-1");
  if (!publish) throw new Error("not accepted");
  return publish;
}

const stat = (bytesIn: number): IngestStat => ({
  ingestInstance: "boot-1",
  clientId: "client-1",
  localName: "publish-1",
  bytesIn,
  videoFrames: 0,
  audioFrames: 0,
  videoCodec: null,
  audioCodec: null,
  players: [],
});

it("reports cumulative seconds and bytes of the publish and its destinations", async () => {
  const fake = fakeEdge();
  await live(fake);
  countIngest(fake.edge, [stat(1_000)], 1_000);
  countIngest(fake.edge, [stat(5_000)], 1_000);
  await fake.clock.advance(9_700);

  await reportUsage(fake.edge, never);

  expect(fake.reports).toEqual([
    [
      {
        publishId: "publish-1",
        liveSeconds: 10,
        ingestBytes: 5_000,
        destinations: [{ destinationId: "dest-1", egressSeconds: 2, egressBytes: 200 }],
        end: null,
      },
    ],
  ]);
});

it("reports a publish whose destinations were changed too often for one report in parts", async () => {
  const fake = fakeEdge();
  await live(fake);
  const relays = fake.relays.get("publish-1");
  if (!relays) throw new Error("no relays");
  relays.apply(Array.from({ length: 257 }, (_, n) => target(`dest-${n}`)));

  await reportUsage(fake.edge, never);

  expect(fake.reports[0]?.map(({ publishId, destinations }) => [publishId, destinations.length])).toEqual([
    ["publish-1", 256],
    ["publish-1", 1],
  ]);
});

it.each([
  { ageMs: 4_900, shown: 1 },
  { ageMs: 5_000, shown: 0 },
])("shows the figures of a publish of $ageMs ms as they come: $shown", async ({ ageMs, shown }) => {
  const fake = fakeEdge();
  const publish = await live(fake);
  await fake.clock.advance(ageMs - (fake.clock.monotonic() - publish.startedMonotonic));
  let changes = 0;
  Object.assign(fake.ports, { changed: () => changes++ });

  countIngest(fake.edge, [stat(1_000)], 1_000);

  expect(changes).toBe(shown);
});

it("shows the frames that the ingest kept from a slow relay, over its restarts", async () => {
  const fake = fakeEdge();
  const publish = await live(fake);
  const lost = (clientId: string, lostFrames: number) => ({ ...stat(0), players: [{ clientId, lostFrames }] });
  notePlayer(publish, "dest-1", "client-7");
  countIngest(fake.edge, [lost("client-7", 40)], 1_000);
  notePlayer(publish, "dest-1", "client-8");

  countIngest(fake.edge, [lost("client-8", 2)], 1_000);

  expect(livePublishes(fake.edge)).toMatchObject([{ lostFrames: 42, relays: [{ lostFrames: 42 }] }]);
});

it("counts no second after the end, tells the end once the relays have flushed, and then forgets the publish", async () => {
  const fake = fakeEdge();
  const publish = await live(fake);
  const relays = fake.relays.get("publish-1");
  if (relays) relays.onStop = () => fake.clock.sleep(400, never);
  const ending = endPublish(fake.edge, publish, "unpublished");
  await reportUsage(fake.edge, never);
  await fake.clock.advance(5_000);
  await ending;

  await reportUsage(fake.edge, never);
  await reportUsage(fake.edge, never);

  expect(fake.reports.map(([report]) => [report?.end, report?.liveSeconds])).toEqual([
    [null, 0.3],
    ["unpublished", 0.3],
  ]);
  expect(fake.edge.publishes.size).toBe(0);
});

it("keeps an ended publish until the server has its last report", async () => {
  const fake = fakeEdge();
  const publish = await live(fake);
  await endPublish(fake.edge, publish, "disconnected");
  const { report } = fake.ports.server;
  Object.assign(fake.ports.server, { report: () => Promise.reject(new Error("server away")) });
  await expect(reportUsage(fake.edge, never)).rejects.toThrow("server away");
  Object.assign(fake.ports.server, { report });

  await reportUsage(fake.edge, never);

  expect(fake.reports[0]?.[0]).toMatchObject({ end: "disconnected" });
  expect(fake.edge.publishes.size).toBe(0);
});

it("fetches the destinations again when the server's revision is ahead", async () => {
  const fake = fakeEdge();
  const publish = await live(fake);
  fake.server.answer = (report) => ({ ...answerFor(report), revision: 2 });

  await reportUsage(fake.edge, never);

  expect(publish.revision).toBe(2);
  expect(fake.relays.get("publish-1")?.targets.map(({ destination }) => destination.id)).toEqual(["dest-2"]);
});

it.each([
  { name: "a drop", answer: { drop: "user disabled" } },
  { name: "a publish the server does not know", answer: { known: false } },
])("drops the publisher on $name", async ({ answer }) => {
  const fake = fakeEdge();
  await live(fake);
  fake.server.answer = (report) => ({ ...answerFor(report), ...answer });

  await reportUsage(fake.edge, never);
  await reportUsage(fake.edge, never);

  expect(fake.ports.ingest.drop).toHaveBeenCalledTimes(1);
});

it.each([
  { drop: "operator", reason: "dropped" },
  { drop: "agent stopped", reason: "agent stopped" },
  { drop: "claim lost", reason: "claim lost" },
])("ends a publish that is dropped for $drop as $reason", async ({ drop, reason }) => {
  const fake = fakeEdge();
  const publish = await live(fake);

  await dropPublish(fake.edge, publish, drop);
  await endPublish(fake.edge, publish, "disconnected");

  expect(publish.end?.reason).toBe(reason);
});

it("ends a publish whose publisher the ingest does not know any more when it is dropped", async () => {
  const fake = fakeEdge();
  const publish = await live(fake);
  fake.ports.ingest.drop.mockResolvedValue(false);
  fake.server.answer = (report) => ({ ...answerFor(report), drop: "operator" });

  await reportUsage(fake.edge, never);

  expect(publish.end?.reason).toBe("dropped");
  expect(fake.claims.size).toBe(0);
});

it("ends an accepted publish that the ingest has not shown for 10 s", async () => {
  const fake = fakeEdge();
  const publish = await live(fake);
  await fake.clock.advance(10_000);

  countIngest(fake.edge, [], 1_000);
  await publish.ending;

  expect(publish.end?.reason).toBe("disconnected");
});

it("puts its claims back on a new lease, and drops the publish whose stream another edge took", async () => {
  const fake = fakeEdge();
  await live(fake);
  fake.claims.clear();
  await reclaimPublishes(fake.edge);
  const putBack = fake.claims.get("stream-1")?.publishId;

  fake.claims.set("stream-1", { streamId: "stream-1", agentId: "agent-2", publishId: "other", state: "live" });
  await reclaimPublishes(fake.edge);

  expect(putBack).toBe("publish-1");
  expect(fake.ports.ingest.drop).toHaveBeenCalledTimes(1);
});
