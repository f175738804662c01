import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RigError } from "../../../src/domain/errors.ts";
import { NO_DETAILS } from "../../../src/domain/viewer-session.ts";
import type { SessionStatus } from "../../../src/services/viewer-admin.ts";
import { keepPrinted, type Printed } from "../../support/printed.ts";
import { someViewers } from "../../support/screen/some-viewers.ts";

/** What scripts rely on: the exact JSON of `rig tokens`, over use cases that only remember. */
const AT = Date.UTC(2026, 10, 22, 9, 30);
const ISO = "2026-11-22T09:30:00.000Z";
const data = mkdtempSync(join(tmpdir(), "rig-tokens-"));
const KEY = "e".repeat(64);
const hash = (digit: string) => digit.repeat(32);
const id = (digit: string) => digit.repeat(16);
const calls: unknown[][] = [];

const by = { publicId: id("c"), device: "phone", label: null, address: null };
const session: SessionStatus = {
  ...{ key: KEY, name: "eve\u001b[2J", at: AT, limit: 2 },
  tokens: [
    { ...{ tokenHash: hash("a"), createdAt: AT, expiresAt: AT + 30_000 }, details: { ...NO_DETAILS, device: "tv" } },
    { ...{ tokenHash: hash("b"), createdAt: AT + 1_000, expiresAt: AT + 20_000 }, details: NO_DETAILS },
  ],
  ended: [{ ...{ tokenHash: hash("d"), endedAt: AT, forgetAt: AT + 9, cause: "oldest", note: null }, by }],
};
const over: SessionStatus = { ...session, tokens: [] };
let shown = session;
const viewers = {
  list: async (choice: object) => {
    calls.push(["list", choice]);
    return { sessions: [session], isAll: false };
  },
  show: async (which: object) => {
    calls.push(["show", which]);
    return shown;
  },
  end: async (...[{ key }, publicId, how]: [{ key: string }, string, object]) => {
    calls.push(["end", key, publicId, how]);
    return publicId !== id("b"); // that one has just expired
  },
  activity: async () => someViewers(AT),
};
vi.mock("../../../src/context/open-viewers.ts", () => ({
  openViewers: async () => ({
    viewers,
    close: async () => {
      isOpen = false;
    },
  }),
}));

let isOpen = true;
let printed: Printed;
beforeEach(() => {
  isOpen = true;
  calls.length = 0;
  shown = session;
  printed = keepPrinted();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(data, { recursive: true }));

const options = { data, json: true, yes: true };
const json = () => JSON.parse(printed.stdout);
const listed = {
  ...{ session: "eve\u001b[2J", key: KEY, live: 2, limit: 2 },
  ...{ oldestAt: ISO, newestAt: "2026-11-22T09:30:01.000Z", nextExpiryAt: "2026-11-22T09:30:20.000Z" },
};

describe("rig tokens, looking", () => {
  it("list hands its filters on, prints each session, and says on stderr that there are more", async () => {
    const { run } = await import("../../../commands/tokens/list.ts");

    await run({ ...options, name: "ev", device: "tv", full: true, limit: "7" });

    const choice = { name: "ev", device: "tv", content: null, full: true, limit: 7 };
    expect(calls).toEqual([["list", choice]]);
    expect(json()).toEqual([listed]);
    expect(printed.stderr).toContain("There are more: these are 7 of them");
  });

  it.each(["0", "x", "100001"])("list refuses the limit %s", async (limit) => {
    const { run } = await import("../../../commands/tokens/list.ts");

    await expect(run({ ...options, limit })).rejects.toThrow("--limit must be a whole number from 1 to 100000");
  });

  it("show tells tokens by their public ids alone, and who ended others", async () => {
    const { run } = await import("../../../commands/tokens/show.ts");

    await run(options, "eve");

    expect(calls).toEqual([["show", { name: "eve" }]]);
    const none = { content: null, label: null, address: null };
    expect(json()).toEqual({
      ...listed,
      tokens: [
        { ...{ id: id("a"), device: "tv", ...none }, createdAt: ISO, expiresAt: "2026-11-22T09:30:30.000Z" },
        {
          ...{ id: id("b"), device: null, ...none },
          ...{ createdAt: "2026-11-22T09:30:01.000Z", expiresAt: "2026-11-22T09:30:20.000Z" },
        },
      ],
      ended: [
        {
          ...{ id: id("d"), endedAt: ISO, cause: "oldest", note: null },
          by: { id: id("c"), device: "phone", label: null, address: null },
        },
      ],
    });
    expect(printed.stdout).not.toContain(hash("a").slice(0, 17));
  });

  it("show tells who ended the tokens of a session that has no more, in any format", async () => {
    const { run } = await import("../../../commands/tokens/show.ts");
    shown = over;

    await run(options, "eve");
    expect(json()).toMatchObject({ live: 0, oldestAt: null, newestAt: null, nextExpiryAt: null, tokens: [] });

    printed.stdout = "";
    await run({ data, output: "table" }, "eve");
    expect(printed.stdout).toMatch(/LIVE +0\/2\nOLDEST +-\nNEWEST +-\nNEXT EXPIRY +-\n/);
    expect(printed.stdout).toMatch(/\n\nENDED TOKEN.*\nd{16} /);
  });

  it("show says how many live alone where the store does not know of how many", async () => {
    const { run } = await import("../../../commands/tokens/show.ts");
    shown = { ...session, limit: undefined };

    await run(options, "eve");
    expect(json()).toMatchObject({ live: 2, limit: null });

    printed.stdout = "";
    await run({ data, output: "table" }, "eve");
    expect(printed.stdout).toMatch(/LIVE +2\n/);
  });

  it("show lets a name steer no terminal, in any format", async () => {
    const { run } = await import("../../../commands/tokens/show.ts");

    for (const output of ["table", "json", "ndjson", "yaml", "name"]) await run({ data, output }, "eve");

    expect(printed.stdout).toContain("ENDED TOKEN");
    expect(printed.stdout).not.toContain("\u001b");
  });

  it("top without a terminal is one snapshot", async () => {
    const { run } = await import("../../../commands/tokens/top.ts");

    await run({ ...options, interval: "1" });

    const { servers, sessions } = json();
    expect(servers.map(({ perSecond }: { perSecond: object }) => perSecond)).toEqual([
      { operations: 2_034, issued: 12, renewed: 2_000, ended: 0, refused: 22, failed: 0 },
      { operations: 1.5, issued: 1, renewed: 0, ended: 0, refused: 0, failed: 0.5 },
    ]);
    expect(sessions[0]).toEqual({
      ...{ session: "eve", key: "eve".repeat(64).slice(0, 64), live: 3, limit: 3 },
      ...{ askedPerSecond: 30, refusedPerSecond: 22 },
    });
  });

  it("top prints tables too, and names for scripts", async () => {
    const { run } = await import("../../../commands/tokens/top.ts");

    await run({ data, interval: "1", output: "table" });
    expect(printed.stdout).toMatch(
      /SERVER +ISSUED\/S[\s\S]+SESSION +ASKED\/S +REFUSED\/S +LIVE\neve +30\.0 +22\.0 +3\/3/,
    );

    printed.stdout = "";
    await run({ data, interval: "1", output: "name" });
    expect(printed.stdout.split("\n")[1]).toBe("ada".repeat(64).slice(0, 64));
  });
});

describe("rig tokens, changing", () => {
  it("stop ends one token", async () => {
    const { run } = await import("../../../commands/tokens/stop.ts");

    await run(options, "eve", id("a"));

    expect(calls).toEqual([
      ["show", { name: "eve" }],
      ["end", KEY, id("a"), { do: "stop" }],
    ]);
    expect(json()).toEqual({ id: id("a"), session: session.name, state: "stopped" });
  });

  it("evict --all ends all that live, and tells of those that it ended", async () => {
    const { run } = await import("../../../commands/tokens/evict.ts");

    await run({ ...options, key: KEY, all: true, note: "shared" });

    expect(calls).toEqual([
      ["show", { key: KEY }],
      ["end", KEY, id("a"), { do: "evict", note: "shared" }],
      ["end", KEY, id("b"), { do: "evict", note: "shared" }],
    ]);
    expect(json()).toEqual([{ id: id("a"), session: session.name, state: "evicted" }]);
  });

  it("evict --all ends the others too where one fails, before it lets go of the store", async () => {
    const { run } = await import("../../../commands/tokens/evict.ts");
    const wasOpen: boolean[] = [];
    vi.spyOn(viewers, "end").mockImplementation(async (_session, publicId) => {
      if (publicId === id("a")) throw new RigError("DATABASE_UNREACHABLE", "away");
      await new Promise((done) => setImmediate(done));
      wasOpen.push(isOpen);
      return true;
    });

    await expect(run({ ...options, key: KEY, all: true })).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });

    expect(wasOpen).toEqual([true]);
  });

  it.each([
    ["a token that is not there", id("f")],
    ["a token that was ended otherwise", id("d")],
    ["a token that goes meanwhile", id("b")],
  ])("stop of %s is not found", async (_what, token) => {
    const { run } = await import("../../../commands/tokens/stop.ts");

    await expect(run(options, "eve", token)).rejects.toMatchObject({ code: "VIEWER_TOKEN_NOT_FOUND" });
    expect(printed.stdout).toBe("");
  });

  it.each(["stop", "evict"])("%s of a token that was ended so before is done, and orders nothing", async (verb) => {
    const { run } = await import(`../../../commands/tokens/${verb}.ts`);
    const cause = verb === "stop" ? "stopped" : "operator";
    shown = { ...over, ended: over.ended.map((each) => ({ ...each, cause })) };

    await run(options, "eve", id("d"));

    expect(json()).toEqual({ id: id("d"), session: session.name, state: verb === "stop" ? "stopped" : "evicted" });
    expect(calls).toHaveLength(1);
  });

  it("stop --all of a session that has none is not found", async () => {
    const { run } = await import("../../../commands/tokens/stop.ts");
    shown = over;

    await expect(run({ ...options, all: true }, "eve")).rejects.toMatchObject({ code: "VIEWER_TOKEN_NOT_FOUND" });
    expect(calls).toHaveLength(1);
  });

  it.each<[string, object, (string | undefined)[], string]>([
    ["no session", {}, [], "MISSING_INPUT"],
    ["no token", {}, ["eve"], "MISSING_INPUT"],
    ["a token and --all", { all: true }, ["eve", id("a")], "INVALID_INPUT"],
    ["a name and --key", { key: KEY }, ["eve", id("a")], "INVALID_INPUT"],
    ["--key without a token", { key: KEY }, [], "MISSING_INPUT"],
  ])("stop refuses %s", async (_what, more, [name, token], code) => {
    const { run } = await import("../../../commands/tokens/stop.ts");

    await expect(run({ ...options, ...more }, name, token)).rejects.toMatchObject({ code });
    expect(calls).toEqual([]);
  });

  it("show refuses a name beside --key, and takes an empty name as one", async () => {
    const { run } = await import("../../../commands/tokens/show.ts");

    await expect(run({ ...options, key: KEY }, "eve")).rejects.toThrow("session and --key exclude each other");
    await run(options, "");
    expect(calls).toEqual([["show", { name: "" }]]);
  });

  it("evict refuses a note that is too long before it reads anything", async () => {
    const { run } = await import("../../../commands/tokens/evict.ts");

    expect(() => run({ ...options, note: "x".repeat(65) }, "eve", id("a"))).toThrow("--note must have at most 64");
    expect(calls).toEqual([]);
  });
});
