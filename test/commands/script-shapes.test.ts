import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Destination } from "../../src/domain/destination.ts";
import type { StreamStatus } from "../../src/domain/live.ts";
import { Secret } from "../../src/domain/secret.ts";
import { NO_QUOTA } from "../../src/domain/user-quota.ts";
import type { DestinationInput } from "../../src/services/destinations.ts";

/** What scripts rely on: the exact JSON of the administration commands, over use cases that only remember. */
const AT = Date.UTC(2026, 10, 22, 9, 30);
const data = mkdtempSync(join(tmpdir(), "rig-shapes-"));
const calls: unknown[][] = [];

const destination = (change: Partial<Destination> = {}): Destination => ({
  ...{ id: "d1", streamId: "s1", service: null, server: null, url: "rtmp://h/app", enabled: true },
  ...{ createdAt: AT, revision: 1, retrySeq: 0 },
  ...change,
});
const live: StreamStatus = {
  ...{ id: "s1", title: "Show", username: "ann", live: true },
  publish: {
    ...{ publishId: "p1", streamId: "s1", agentId: "edge-1", startedAt: AT },
    ...{ ingestBytes: 5, ingestBps: 4_000_000, lostFrames: 0 },
    relays: [
      {
        ...{ destinationId: "d1", state: "waiting", reason: "connection refused", attempt: 2, nextRetryAt: AT + 1500 },
        ...{ egressBytes: 9, bps: 0, speed: null, lostFrames: 0, since: AT },
      },
    ],
  },
};
const idle: StreamStatus = { id: "s2", title: "Other", username: "ann", live: false, publish: null };

const USED = {
  ...{ userId: "id of ann", username: "ann", period: "2026-11" },
  ...{ liveSeconds: 60, ingestBytes: 1_000, egressSeconds: 120, egressBytes: 2_000 },
};

const context = {
  users: {
    add: async (input: object) => ({ id: "u1", ...input, disabledAt: null, createdAt: AT }),
    get: async (name: string) => ({ id: `id of ${name}`, quota: { ...NO_QUOTA, viewerTokens: 2 } }),
    change: async (name: string, change: { quota: object }) => {
      calls.push([name, change]);
      return { id: "u1", username: name, quota: { ...NO_QUOTA, ...change.quota } };
    },
  },
  streams: {
    add: async (input: object) => ({ stream: { id: "s1", ...input }, streamKey: new Secret("key-1") }),
    rotateKey: async () => ({ streamKey: new Secret("key-2") }),
    drop: async (id: string) => id === "s1",
  },
  destinations: {
    add: async (_stream: string, input: DestinationInput, key: Secret) => {
      calls.push([input, key.open()]);
      return destination();
    },
    edit: async (_id: string, change: { enabled?: boolean }) => destination(change),
  },
  liveStreams: { list: async () => [live, idle], get: async () => live },
  usage: {
    list: async (...given: unknown[]) => {
      calls.push(given);
      return [USED];
    },
  },
  close: async () => void calls.push(["closed"]),
};
vi.mock("../../src/context/open-context.ts", () => ({ openContext: async () => context }));

let printed = "";
beforeEach(() => {
  printed = "";
  calls.length = 0;
  vi.spyOn(process.stdout, "write").mockImplementation((chunk, done) => {
    printed += String(chunk);
    (done as unknown as () => void)();
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(data, { recursive: true }));

const options = { data, json: true };
const json = () => JSON.parse(printed);

describe("rig users", () => {
  it("add answers id, username and email", async () => {
    const { run } = await import("../../commands/users/add.ts");

    await run({ ...options, email: "a@b" }, "ann");

    expect(json()).toEqual({ id: "u1", username: "ann", email: "a@b" });
    expect(calls).toEqual([["closed"]]);
  });
});

describe("rig streams", () => {
  it("add shows the stream key once, and where to publish", async () => {
    const { run } = await import("../../commands/streams/add.ts");

    await run({ ...options, user: "ann", title: "Show" });

    expect(json()).toEqual({ id: "s1", streamKey: "key-1", publishUrl: "rtmp://127.0.0.1:1935/live" });
  });

  it("rotate-key shows the new one in the same form", async () => {
    const { run } = await import("../../commands/streams/rotate-key.ts");

    await run({ ...options, set: ["publishUrl=rtmp://edge.example/live"] }, "s1");

    expect(json()).toEqual({ id: "s1", streamKey: "key-2", publishUrl: "rtmp://edge.example/live" });
  });

  it("list joins each stream with its publish and relays", async () => {
    const { run } = await import("../../commands/streams/list.ts");

    await run(options);

    expect(json()).toEqual([
      {
        ...{ id: "s1", title: "Show", live: true },
        publish: { id: "p1", startedAt: "2026-11-22T09:30:00.000Z", ingestBps: 4_000_000, agentId: "edge-1" },
        relays: [
          {
            ...{ destinationId: "d1", state: "waiting", reason: "connection refused", attempt: 2 },
            ...{ nextRetryAt: "2026-11-22T09:30:01.500Z", egressBytes: 9, bps: 0 },
          },
        ],
      },
      { id: "s2", title: "Other", live: false, publish: null, relays: [] },
    ]);
  });

  it("list is a table for a person", async () => {
    const { run } = await import("../../commands/streams/list.ts");

    await run({ data });

    expect(printed.split("\n")[1]).toMatch(/^s1 +ann +Show +live +4,000 +1 waiting +edge-1$/);
  });

  it("show is that table turned, and one of the relays", async () => {
    const { run } = await import("../../commands/streams/show.ts");

    await run({ data }, "s1");

    expect(printed).toMatch(/^STATE +live$/m);
    expect(printed).toMatch(/^d1 +waiting +connection refused +2 +2026-11-22T09:30:01.500Z +0 +9$/m);
  });

  it("drop fails where the stream is not live", async () => {
    const { run } = await import("../../commands/streams/drop.ts");

    await run(options, "s1");
    expect(json()).toEqual({ id: "s1", dropped: true });

    await expect(run(options, "s2")).rejects.toMatchObject({ code: "PUBLISH_NOT_FOUND" });
  });
});

describe("rig destinations", () => {
  it("add takes a URL and the key from a file, and answers id and state", async () => {
    const { run } = await import("../../commands/destinations/add.ts");
    const keyFile = join(data, "key");
    writeFileSync(keyFile, "a=b?c#d\n");

    await run({ ...options, url: "rtmp://h/app", keyFile }, "s1");

    expect(json()).toEqual({ id: "d1", state: "enabled" });
    expect(calls[0]).toEqual([{ url: "rtmp://h/app" }, "a=b?c#d"]);
  });

  it("add takes a service and its server instead", async () => {
    const { run } = await import("../../commands/destinations/add.ts");
    const keyFile = join(data, "key");
    writeFileSync(keyFile, "k");

    await run({ ...options, service: "Twitch", server: "AMS", keyFile }, "s1");

    expect(calls[0]).toEqual([{ service: "Twitch", server: "AMS" }, "k"]);
  });

  it.each([{}, { url: "rtmp://h/a", service: "Twitch" }, { url: "rtmp://h/a", server: "AMS" }])(
    "add refuses %j before it asks for anything",
    async (flags) => {
      const { run } = await import("../../commands/destinations/add.ts");

      await expect(run({ ...options, ...flags, keyFile: "/nowhere" }, "s1")).rejects.toMatchObject({
        code: expect.stringMatching(/^(MISSING|INVALID)_INPUT$/),
      });
      expect(calls).toEqual([]);
    },
  );

  it("disable answers the new state", async () => {
    const { run } = await import("../../commands/destinations/disable.ts");

    await run(options, "d1");

    expect(json()).toEqual({ id: "d1", state: "disabled" });
  });
});

describe("rig quota show", () => {
  it("asks for one user's month", async () => {
    const { run } = await import("../../commands/quota/show.ts");

    await run({ ...options, period: "2026-11" }, "ann");

    expect(calls[0]).toEqual(["2026-11", "id of ann"]);
    expect(json()).toEqual([{ ...USED, quota: { ...NO_QUOTA, viewerTokens: 2 } }]);
  });

  it("shows a person the user's own limits in a few words", async () => {
    const { viewerTokensText } = await import("../../commands/quota/quota-view.ts");
    const { run } = await import("../../commands/quota/show.ts");

    await run({ data, period: "2026-11" }, "ann");

    expect(printed.split("\n")[1]).toMatch(/^ann +2026-11 +60 +1,000 +120 +2,000 +2$/);
    expect(viewerTokensText(NO_QUOTA)).toBe("-");
    expect(viewerTokensText({ viewerTokens: 3, viewerTokensPerDevice: 1, viewerTokensPerContent: 2 })).toBe(
      "3, 1 a device, 2 a content",
    );
  });

  it.each(["2026-13", "2026", "last"])("refuses the month %s", async (period) => {
    const { run } = await import("../../commands/quota/show.ts");

    await expect(run({ ...options, period })).rejects.toThrow("--period must be a month like 2026-11");
  });
});

describe("rig quota set", () => {
  it("changes what is named, and answers the whole quota", async () => {
    const { run } = await import("../../commands/quota/set.ts");

    await run({ ...options, viewerTokens: "2", viewerTokensPerContent: "none" }, "ann");

    const quota = { viewerTokens: 2, viewerTokensPerContent: null };
    expect(calls[0]).toEqual(["ann", { quota }]);
    expect(json()).toEqual({ id: "u1", username: "ann", quota: { ...NO_QUOTA, ...quota } });
  });

  it("is a line for each limit to a person", async () => {
    const { run } = await import("../../commands/quota/set.ts");

    await run({ data, viewerTokensPerDevice: "1" }, "ann");

    expect(printed.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["USER", "ann"],
      ["VIEWER TOKENS", "none"],
      ["PER DEVICE", "1"],
      ["PER CONTENT", "none"],
      [""],
    ]);
  });

  it.each([
    [{}, "nothing to set"],
    [{ viewerTokens: "0" }, '--viewer-tokens must be a whole number from 1 to 1000 or none, got "0"'],
    [
      { viewerTokensPerDevice: "all" },
      '--viewer-tokens-per-device must be a whole number from 1 to 1000 or none, got "all"',
    ],
    [
      { viewerTokensPerContent: "" },
      '--viewer-tokens-per-content must be a whole number from 1 to 1000 or none, got ""',
    ],
  ])("refuses %j before it asks for anything", async (flags, message) => {
    const { run } = await import("../../commands/quota/set.ts");

    await expect(run({ ...options, ...flags }, "ann")).rejects.toThrow(message);
    expect(calls).toEqual([]);
  });
});

it("closes the context also when a command fails", async () => {
  const { run } = await import("../../commands/streams/drop.ts");

  await run(options, "s2").catch(() => {});

  expect(calls).toEqual([["closed"]]);
});
