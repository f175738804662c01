import { beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../src/domain/secret.ts";
import { destinationService } from "../../src/services/destination-service.ts";
import type { Destinations } from "../../src/services/destinations.ts";
import { type FakePlatform, fakePlatform, OPERATOR } from "./fake-platform.ts";

const KEY = new Secret("dest-key");
let platform: FakePlatform;
let destinations: Destinations;

beforeEach(() => {
  platform = fakePlatform();
  destinations = destinationService(platform.ports);
  platform.state.streams.push({ id: "s1", userId: "u1", title: "Show", createdAt: 0, revision: 1 });
  platform.state.claims.push({ streamId: "s1", agentId: "edge-1", publishId: "p1", state: "live" });
});

const add = () => destinations.add("s1", { url: "rtmp://Example.org/live" }, KEY, OPERATOR);
const actions = () => platform.state.audit.map(({ action }) => action);

describe("destinationService", () => {
  it("adds a destination by URL and tells the agent of the live publish", async () => {
    const destination = await add();

    expect(destination).toEqual({
      ...{ id: "id-1", streamId: "s1", service: null, server: null, url: "rtmp://example.org/live" },
      ...{ enabled: true, createdAt: platform.clock.now(), revision: 1, retrySeq: 0 },
    });
    expect(platform.state.wanted).toEqual(["edge-1/p1: 2"]);
    expect(platform.state.destinations[0]?.key).toBe("dest-key");
    expect(JSON.stringify(platform.state.audit)).not.toContain("dest-key");
    expect(await destinations.list("s1")).toEqual([destination]);
  });

  it("adds one by service preset", async () => {
    expect(await destinations.add("s1", { service: "twitch", server: "ams" }, KEY, OPERATOR)).toMatchObject({
      ...{ service: "Twitch", server: "AMS", url: "rtmp://ams.contribute.live-video.net/app" },
    });
  });

  it.each([
    ["a URL with a user name", { url: "rtmp://u:p@host/app" }, KEY, "INVALID_INPUT"],
    ["an unknown service", { service: "Vimeo" }, KEY, "INVALID_INPUT"],
    ["a key with a newline", { url: "rtmp://host/app" }, new Secret("a\nb"), "INVALID_INPUT"],
  ])("refuses %s and stores nothing", async (_, input, key, code) => {
    await expect(destinations.add("s1", input, key, OPERATOR)).rejects.toMatchObject({ code });

    expect(platform.state).toMatchObject({ destinations: [], audit: [], wanted: [] });
  });

  it("edits, switches, retries and removes, each told to the agent and audited", async () => {
    const { id } = await add();

    const edited = await destinations.edit(
      id,
      { input: { service: "YouTube" }, destinationKey: new Secret("new") },
      OPERATOR,
    );
    const disabled = await destinations.edit(id, { enabled: false }, OPERATOR);
    await destinations.edit(id, { enabled: true }, OPERATOR);
    const retried = await destinations.retryNow(id, OPERATOR);
    await destinations.remove(id, OPERATOR);

    expect(edited).toMatchObject({ service: "YouTube", server: "default", revision: 2 });
    expect(disabled).toMatchObject({ enabled: false, revision: 3 });
    expect(retried).toMatchObject({ enabled: true, retrySeq: 1, revision: 4 });
    expect(await destinations.list("s1")).toEqual([]);
    expect(platform.state.wanted.map((put) => put.split(" ")[1])).toEqual(["2", "3", "4", "5", "6", "7"]);
    expect(actions()).toEqual(
      ["add", "edit", "disable", "enable", "retry", "remove"].map((word) => `destination.${word}`),
    );
    expect(JSON.stringify(platform.state.audit)).not.toContain('"new"');
  });

  it("leaves a destination alone that is already as asked", async () => {
    const destination = await add();

    expect(await destinations.edit(destination.id, { enabled: true }, OPERATOR)).toEqual(destination);

    expect(actions()).toEqual(["destination.add"]);
    expect(platform.state.wanted).toHaveLength(1);
  });

  it("keeps a committed change with etcd away, and says so in the log", async () => {
    platform.state.etcdIsAway = true;

    await add();

    expect(platform.state.destinations).toHaveLength(1);
    expect(platform.state.warnings).toHaveLength(1);
  });

  it("tells nobody where the stream is not live", async () => {
    platform.state.claims = [];

    await add();

    expect(platform.state.wanted).toEqual([]);
  });

  it.each([
    ["add", () => destinations.add("none", { url: "rtmp://h/a" }, KEY, OPERATOR), "STREAM_NOT_FOUND"],
    ["list", () => destinations.list("none"), "STREAM_NOT_FOUND"],
    ["edit", () => destinations.edit("none", { enabled: true }, OPERATOR), "DESTINATION_NOT_FOUND"],
    ["remove", () => destinations.remove("none", OPERATOR), "DESTINATION_NOT_FOUND"],
    ["retryNow", () => destinations.retryNow("none", OPERATOR), "DESTINATION_NOT_FOUND"],
  ])("says on %s of an unknown one what is not there", async (_, call, code) => {
    await expect(call()).rejects.toMatchObject({ code });
  });
});
