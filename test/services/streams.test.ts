import { beforeEach, describe, expect, it } from "vitest";
import { NO_QUOTA } from "../../src/domain/user-quota.ts";
import { type Streams, streamService } from "../../src/services/streams.ts";
import { type FakePlatform, fakePlatform, OPERATOR } from "./fake-platform.ts";

let platform: FakePlatform;
let streams: Streams;

beforeEach(() => {
  platform = fakePlatform();
  streams = streamService(platform.ports);
  platform.state.users.push({
    id: "u1",
    username: "alice",
    email: "a@b",
    disabledAt: null,
    quota: NO_QUOTA,
    createdAt: 0,
  });
});

const show = () => streams.add({ user: "alice", title: "Show" }, OPERATOR);

function goLive(streamId: string) {
  const publish = { id: "p1", streamId, streamKeyId: "k", userId: "u1", agentId: "edge-1", startedAt: 0 };
  platform.state.publishes.push({ ...publish, drop: null, end: null });
  platform.state.claims.push({ streamId, agentId: "edge-1", publishId: "p1", state: "live" });
}

describe("streamService", () => {
  it("adds a stream, shows its stream key once and stores its hash alone", async () => {
    const { stream, streamKey } = await show();

    expect(stream).toMatchObject({ userId: "u1", title: "Show", revision: 1 });
    expect(platform.state.keys).toMatchObject([
      { streamId: stream.id, hash: `hash of ${streamKey.open()}`, revokedAt: null },
    ]);
    expect(JSON.stringify(platform.state.audit)).not.toContain(streamKey.open());
    expect(platform.state.audit).toMatchObject([{ action: "stream.add", subject: stream.id }]);
    expect(await streams.list("alice")).toEqual([{ ...stream, username: "alice" }]);
  });

  it.each([
    ["an unknown user", { user: "bob", title: "Show" }, "USER_NOT_FOUND"],
    ["an empty title", { user: "alice", title: " " }, "INVALID_INPUT"],
  ])("refuses %s", async (_, input, code) => {
    await expect(streams.add(input, OPERATOR)).rejects.toMatchObject({ code });

    expect(platform.state).toMatchObject({ streams: [], audit: [] });
  });

  it("rotates the key: the old one is revoked and the publish is dropped", async () => {
    const { stream, streamKey } = await show();
    goLive(stream.id);

    const rotated = await streams.rotateKey(stream.id, OPERATOR);

    expect(rotated.streamKey.open()).not.toBe(streamKey.open());
    expect(platform.state.keys.map(({ revokedAt }) => revokedAt)).toEqual([platform.clock.now(), null]);
    expect(platform.state.drops).toEqual([`${stream.id}: stream key revoked`]);
  });

  it("rotates the key with etcd away too", async () => {
    const { stream } = await show();
    platform.state.etcdIsAway = true;

    await streams.rotateKey(stream.id, OPERATOR);

    expect(platform.state.keys).toHaveLength(2);
    expect(platform.state.warnings).toHaveLength(1);
  });

  it("drops a live stream by order, and notes it where usage reports find it", async () => {
    const { stream } = await show();
    goLive(stream.id);

    expect(await streams.drop(stream.id, OPERATOR)).toBe(true);

    expect(platform.state.drops).toEqual([`${stream.id}: operator`]);
    expect(platform.state.publishes[0]?.drop).toBe("operator");
    expect(platform.state.audit.at(-1)).toMatchObject({ action: "stream.drop", detail: { publishId: "p1" } });
  });

  it("answers false, with no audit entry, to the drop of a stream that is not live", async () => {
    const { stream } = await show();

    expect(await streams.drop(stream.id, OPERATOR)).toBe(false);

    expect(platform.state.audit).toHaveLength(1);
  });

  it.each([
    ["get", () => streams.get("none")],
    ["rotateKey", () => streams.rotateKey("none", OPERATOR)],
    ["drop", () => streams.drop("none", OPERATOR)],
  ])("says STREAM_NOT_FOUND on %s of an unknown stream", async (_, call) => {
    await expect(call()).rejects.toMatchObject({ code: "STREAM_NOT_FOUND" });
  });
});
