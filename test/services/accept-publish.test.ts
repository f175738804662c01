import { expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import { acceptPublish } from "../../src/services/accept-publish.ts";
import { notePlayer } from "../../src/services/edge.ts";
import { dropPublish, endPublish } from "../../src/services/end-publish.ts";
import type { PublishGrant } from "../../src/services/publishes.ts";
import { type FakeEdge, fakeEdge, grant, request, target } from "../support/fake-edge.ts";

const never = new AbortController().signal;

/** Accepts while the clock is turned far enough for every wait in it. */
async function accept(fake: FakeEdge, streamKey = "key", clientId = "client-1", signal = never) {
  const decision = acceptPublish(fake.edge, request(streamKey, clientId), signal);
  for (let i = 0; i < 40; i++) await fake.clock.advance(100);
  return decision;
}

it("accepts under the publish's opaque id, holds the claim and starts the relays", async () => {
  const fake = fakeEdge();

  const decision = await accept(fake);

  expect(decision).toEqual({ accepted: true, localName: "publish-1" });
  expect(fake.claims.get("stream-1")).toMatchObject({ agentId: "agent-1", publishId: "publish-1" });
  expect(fake.relays.get("publish-1")?.targets.map(({ destination }) => destination.id)).toEqual(["dest-1"]);
});

it("answers as soon as all relays wait at the ingest", async () => {
  const fake = fakeEdge();
  fake.server.grant = () => grant("publish-1", [target("a"), target("b")]);
  const decision = acceptPublish(fake.edge, request("key"), never);
  await fake.clock.advance(50);
  const publish = fake.edge.publishes.get("publish-1");
  if (!publish) throw new Error("not opened");

  for (const relayId of ["a", "b"]) notePlayer(publish, relayId, `client of ${relayId}`);
  await fake.clock.advance(10);

  await expect(decision).resolves.toMatchObject({ accepted: true });
  expect(fake.clock.monotonic()).toBe(60);
});

it.each([
  { keepsGop: true, answersAfterMs: 350, why: "250 ms and 50 ms for each relay" },
  { keepsGop: false, answersAfterMs: 2_000, why: "2 s, for frames that come before a relay are lost" },
])("answers when no relay comes after $why, where keepsGop is $keepsGop", async ({ keepsGop, answersAfterMs }) => {
  const fake = fakeEdge({ keepsGop });
  fake.server.grant = () => grant("publish-1", [target("a"), target("b")]);
  let answeredAt = 0;

  const decision = acceptPublish(fake.edge, request("key"), never).then(() => {
    answeredAt = fake.clock.monotonic();
  });
  await fake.clock.advance(4_000);
  await decision;

  expect(answeredAt).toBe(answersAfterMs);
});

it("waits for no relay whose first try is over already", async () => {
  const fake = fakeEdge({ keepsGop: false });
  const decision = acceptPublish(fake.edge, request("key"), never);
  await fake.clock.advance(50);

  for (const relays of fake.relays.values()) relays.state = "waiting";
  await fake.clock.advance(10);

  await expect(decision).resolves.toMatchObject({ accepted: true });
  expect(fake.clock.monotonic()).toBe(60);
});

it.each(["STREAM_KEY_UNKNOWN", "STREAM_KEY_REVOKED", "USER_DISABLED", "STREAM_IN_USE"] as const)(
  "refuses with the server's %s before anything is claimed or started",
  async (code) => {
    const fake = fakeEdge();
    fake.server.grant = () => {
      throw new RigError(code, "no");
    };

    const decision = await accept(fake);

    expect(decision).toMatchObject({ accepted: false, code });
    expect(fake.claims.size + fake.relays.size + fake.edge.publishes.size).toBe(0);
  },
);

it("gives the server's yes back when another edge holds the stream", async () => {
  const fake = fakeEdge();
  fake.claims.set("stream-1", { streamId: "stream-1", agentId: "agent-2", publishId: "other", state: "live" });

  const decision = await accept(fake);

  expect(decision).toMatchObject({ accepted: false, code: "STREAM_IN_USE" });
  expect(fake.asked).toEqual(["end publish-1 claim lost"]);
  expect(fake.claims.get("stream-1")?.publishId).toBe("other");
});

it.each([
  { slotsTotal: 2, relays: 2, accepted: true },
  { slotsTotal: 2, relays: 3, accepted: false },
])("with $slotsTotal slots and $relays relays accepted is $accepted", async ({ slotsTotal, relays, accepted }) => {
  const fake = fakeEdge({ slotsTotal });
  fake.server.grant = () =>
    grant(
      "publish-1",
      Array.from({ length: relays }, (_, n) => target(`dest-${n}`)),
    );

  const decision = await accept(fake);

  expect(decision.accepted).toBe(accepted);
});

it("gives the same slots to one of two publishes that come at once", async () => {
  const fake = fakeEdge({ slotsTotal: 2 });
  fake.server.grant = (streamKey) => ({
    ...grant(`publish of ${streamKey}`, [target("a"), target("b")]),
    streamId: `stream of ${streamKey}`,
  });

  const both = ["one", "two"].map((streamKey) => acceptPublish(fake.edge, request(streamKey, streamKey), never));
  await fake.clock.advance(1_000);

  expect(await Promise.all(both)).toMatchObject([{ accepted: true }, { accepted: false, code: "NO_SLOTS" }]);
});

it("does not let a publisher in that was dropped before the answer", async () => {
  const fake = fakeEdge();
  fake.ports.ingest.drop.mockResolvedValue(false); // the ingest has not taken it yet
  const decision = acceptPublish(fake.edge, request("key"), never);
  await fake.clock.advance(50);
  const publish = fake.edge.publishes.get("publish-1");
  if (!publish) throw new Error("not opened");

  await dropPublish(fake.edge, publish, "user disabled");
  await fake.clock.advance(1_000);

  await expect(decision).resolves.toMatchObject({ accepted: false });
  expect(fake.relays.get("publish-1")?.stopped).toBe(true);
});

it("starts no relay for a yes that comes when the agent already stops", async () => {
  const fake = fakeEdge();
  let answer: (grant: PublishGrant) => void = () => {};
  fake.server.grant = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const decision = accept(fake);
  await fake.clock.advance(50);

  fake.edge.draining = true;
  answer(grant("publish-1"));

  await expect(decision).resolves.toMatchObject({ accepted: false, code: "OVERLOADED" });
  expect(fake.claims.size + fake.relays.size + fake.edge.publishes.size).toBe(0);
  expect(fake.asked).toEqual(["end publish-1 claim lost"]);
});

it("undoes everything when the publisher leaves before the answer", async () => {
  const fake = fakeEdge();
  const gone = new AbortController();
  const decision = acceptPublish(fake.edge, request("key"), gone.signal);
  await fake.clock.advance(50);

  gone.abort();
  await fake.clock.advance(50);

  await expect(decision).resolves.toMatchObject({ accepted: false });
  expect(fake.relays.get("publish-1")?.stopped).toBe(true);
  expect(fake.claims.size).toBe(0);
});

it("refuses a second encoder with the same stream key while the first one sends", async () => {
  const fake = fakeEdge();
  await accept(fake);
  for (const publish of fake.edge.publishes.values()) publish.bytesMovedMonotonic = fake.clock.monotonic() + 60_000;
  fake.server.grant = () => grant("publish-2");

  const decision = await accept(fake, "key", "client-2");

  expect(decision).toMatchObject({ accepted: false, code: "STREAM_IN_USE" });
  expect(fake.ports.ingest.drop).not.toHaveBeenCalled();
  expect(fake.claims.get("stream-1")?.publishId).toBe("publish-1");
});

it("lets the same stream key take over from an encoder that stood still for 3 s", async () => {
  const fake = fakeEdge();
  await accept(fake);
  const frozen = fake.edge.publishes.get("publish-1");
  fake.ports.ingest.drop.mockImplementation(async () => {
    if (frozen) void endPublish(fake.edge, frozen, "disconnected");
    return true;
  });
  fake.server.grant = () => grant("publish-2");

  const decision = await accept(fake, "key", "client-2"); // accept() has turned the clock by 4 s before this

  expect(decision).toEqual({ accepted: true, localName: "publish-2" });
  expect(fake.claims.get("stream-1")?.publishId).toBe("publish-2");
});

it("lets a reconnecting encoder in once its ending publish has flushed its relays", async () => {
  const fake = fakeEdge();
  await accept(fake);
  const first = fake.edge.publishes.get("publish-1");
  const relays = fake.relays.get("publish-1");
  if (!first || !relays) throw new Error("not accepted");
  relays.onStop = () => fake.clock.sleep(500, never);
  void endPublish(fake.edge, first, "unpublished");
  fake.server.grant = () => grant("publish-2");

  const decision = await accept(fake, "key", "client-2");

  expect(decision).toMatchObject({ accepted: true, localName: "publish-2" });
  expect(relays.stopped).toBe(true);
});

it("takes nothing while it drains", async () => {
  const fake = fakeEdge();
  fake.edge.draining = true;

  const decision = await accept(fake);

  expect(decision).toMatchObject({ accepted: false, code: "OVERLOADED" });
});

it("takes nothing while its lease is in doubt: nobody could hold the stream", async () => {
  const fake = fakeEdge();
  Object.assign(fake.ports.lease, { isSure: () => false });

  const decision = await accept(fake);

  expect(decision).toMatchObject({ accepted: false, code: "ETCD_UNREACHABLE" });
});

it.each(["LEASE_LOST", "ETCD_AMBIGUOUS"] as const)("refuses as retryable where the claim ends in %s", async (code) => {
  const fake = fakeEdge();
  Object.assign(fake.ports.claims, { claim: () => Promise.reject(new RigError(code, "who knows")) });

  const decision = await accept(fake);

  expect(decision).toMatchObject({ accepted: false, code: "ETCD_UNREACHABLE" });
  expect(fake.asked).toEqual(["end publish-1 claim lost"]);
});

it("never shows a failure of its own to the publisher", async () => {
  const fake = fakeEdge();
  fake.server.grant = () => {
    throw new TypeError("secret internals");
  };

  const decision = await accept(fake);

  expect(decision).toEqual({ accepted: false, code: "SERVER_UNREACHABLE", message: "the decision failed" });
});

it("asks the server no more for an address that sent too many wrong stream keys, until it has waited", async () => {
  const fake = fakeEdge();
  let asked = 0;
  fake.server.grant = (streamKey) => {
    asked += 1;
    if (streamKey === "key") return grant("publish-1");
    throw new RigError("STREAM_KEY_UNKNOWN", "no stream has this stream key");
  };
  for (let n = 0; n < 60; n++) await acceptPublish(fake.edge, request(`wrong-${n}`), never);

  const refused = await acceptPublish(fake.edge, request("key"), never);
  await fake.clock.advance(1_000);
  const later = await accept(fake);

  expect(asked).toBe(51);
  expect(refused).toMatchObject({ accepted: false, code: "TOO_MANY_TRIES" });
  expect(later).toMatchObject({ accepted: true });
});
