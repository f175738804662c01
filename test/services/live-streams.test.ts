import { describe, expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import type { LivePublish } from "../../src/domain/live.ts";
import type { Stream } from "../../src/domain/stream.ts";
import { NO_QUOTA } from "../../src/domain/user-quota.ts";
import { liveStreams } from "../../src/services/live-streams.ts";

const stream = (id: string, title: string): Stream & { username: string } => ({
  id,
  userId: "U1",
  title,
  createdAt: 1,
  revision: 1,
  username: "ada",
});
const publish = (publishId: string, streamId: string, startedAt: number): LivePublish => ({
  publishId,
  streamId,
  agentId: `agent of ${publishId}`,
  startedAt,
  ingestBytes: 0,
  ingestBps: 0,
  lostFrames: 0,
  relays: [],
});

function service(streams: (Stream & { username: string })[], publishes: LivePublish[]) {
  const asked: (string | undefined)[] = [];
  const live = liveStreams({
    streams: {
      async list(user) {
        asked.push(user);
        return streams;
      },
      async get(id) {
        const found = streams.find((each) => each.id === id);
        if (!found) throw new RigError("STREAM_NOT_FOUND", "there is no such stream");
        const { username: _, ...rest } = found;
        return rest;
      },
    },
    users: { get: async (id) => ({ id, username: "ada", email: "", disabledAt: null, quota: NO_QUOTA, createdAt: 1 }) },
    live: { list: async () => publishes },
  });
  return { live, asked };
}

describe("liveStreams", () => {
  it("lists live streams first, then by title, then by id", async () => {
    const streams = [stream("4", "b"), stream("2", "a"), stream("1", "a"), stream("3", "z")];
    const { live, asked } = service(streams, [publish("P", "3", 5)]);

    const listed = await live.list("ada");

    expect(listed.map(({ id, live: isLive }) => [id, isLive])).toEqual([
      ["3", true],
      ["1", false],
      ["2", false],
      ["4", false],
    ]);
    expect(listed[0]).toMatchObject({ username: "ada", publish: { publishId: "P" } });
    expect(listed[1]?.publish).toBeNull();
    expect(asked).toEqual(["ada"]);
  });

  it.each([
    ["the later one first", [publish("new", "1", 9), publish("old", "1", 5)]],
    ["the later one last", [publish("old", "1", 5), publish("new", "1", 9)]],
  ])("shows the later publish while two edges report a stream, %s", async (_order, publishes) => {
    const { live } = service([stream("1", "a")], publishes);

    expect((await live.list())[0]?.publish?.publishId).toBe("new");
    expect((await live.get("1")).publish?.publishId).toBe("new");
  });

  it("leaves out reports on streams that are not there", async () => {
    const { live } = service([], [publish("P", "gone", 5)]);

    expect(await live.list()).toEqual([]);
    await expect(live.get("gone")).rejects.toMatchObject({ code: "STREAM_NOT_FOUND" });
  });

  it("shows one stream with its owner's name", async () => {
    const { live } = service([stream("1", "a")], []);

    expect(await live.get("1")).toEqual({ id: "1", title: "a", username: "ada", live: false, publish: null });
  });
});
