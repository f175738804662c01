import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Actor, AuditEntry } from "../../src/domain/audit.ts";
import { RigError } from "../../src/domain/errors.ts";
import { liveSession, NO_DETAILS, publicIdOf, type ViewerDetails } from "../../src/domain/viewer-session.ts";
import { type SessionChoice, viewerAdmin } from "../../src/services/viewer-admin.ts";
import { hasLiveToken, isKnown, type ViewerBoard } from "../../src/services/viewer-board.ts";
import { viewerSessionName } from "../../src/services/viewer-names.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { memoryViewers } from "../support/memory-viewers.ts";
import { create } from "./viewer-store-contract.ts";

const ANN: Actor = { kind: "operator", id: "ann" };
const ALL: SessionChoice = { name: null, device: null, content: null, full: false, limit: 100 };
const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const PAGE = 2;

/** An office over a store in memory, whose board gives two sessions a page. */
function open({ audit }: { audit?: (entry: AuditEntry) => Promise<void> } = {}) {
  const clock = fakeClock();
  const store = memoryViewers(clock);
  const names = new Map<string, string | null>();
  const entries: AuditEntry[] = [];
  let pages = 0;
  const found = (key: string) => {
    const session = liveSession(store.sessions.get(key) ?? { tokens: [], ended: [] }, clock.now(), 1_000);
    return [{ key, name: names.get(key) ?? null, ...session }];
  };
  const board: ViewerBoard = {
    async page(from) {
      pages += 1;
      const keys = [...store.sessions.keys()].sort().filter((key) => from === null || key > from);
      const next = keys.length > PAGE ? (keys[PAGE - 1] ?? null) : null;
      return { at: clock.now(), sessions: keys.slice(0, PAGE).flatMap(found).filter(hasLiveToken), next };
    },
    async show(key) {
      const [session] = found(key);
      return session && isKnown(session) ? { ...session, at: clock.now() } : null;
    },
  };
  const admin = viewerAdmin({
    ...{ store, board, hash, clock },
    servers: { list: async () => [] },
    audit: audit ?? (async (entry) => void entries.push(entry)),
  });
  return {
    ...{ admin, store, clock, entries, pages: () => pages },
    /** Gives the session one more token; answers its public id. */
    async watch(name: string, details: Partial<ViewerDetails> = {}, limit = 3): Promise<string> {
      const session = viewerSessionName(name, hash);
      names.set(session.key, session.name);
      const order = create({ limit }, { ...NO_DETAILS, ...details });
      await store.apply(session, order);
      return publicIdOf(order);
    },
  };
}

describe("listing viewer sessions", () => {
  it("gives those with the most live tokens first, then by name, over all pages", async () => {
    const { admin, watch } = open();
    for (const name of ["cleo", "ada", "eve", "bob", "eve"]) await watch(name);

    const { sessions, isAll } = await admin.list(ALL);

    expect(sessions.map(({ name }) => name)).toEqual(["eve", "ada", "bob", "cleo"]);
    expect(isAll).toBe(true);
  });

  it.each<[string, Partial<SessionChoice>, string[]]>([
    ["a part of the name", { name: "A" }, ["ada", "tv-fan"]],
    ["the device", { device: "tv" }, ["tv-fan"]],
    ["the content", { content: "film" }, ["eve"]],
    ["being full by its own limit", { full: true }, ["eve", "tv-fan"]],
    ["all of them", { name: "e", device: "tv" }, []],
  ])("chooses by %s", async (_what, choice, names) => {
    const { admin, watch } = open();
    await watch("ada");
    await watch("tv-fan", { device: "tv" }, 1);
    await watch("eve", { content: "film" });
    await watch("eve", {}, 2);

    const { sessions } = await admin.list({ ...ALL, ...choice });

    expect(sessions.map(({ name }) => name)).toEqual(names);
  });

  it.each([
    ["as a header carries it", "f\u00c3\u00bcr \u00e6\u0097\u00a5\u00e6\u009c\u00ac"],
    ["as the API was given it", "f\u00fcr \u65e5\u672c"],
  ])("finds a part of a name in UTF-8, %s, in whatever case", async (_what, name) => {
    const { admin, watch } = open();
    await watch(name);
    await watch("f\u00c3r"); // no UTF-8

    for (const part of ["\u672c", "F\u00dcR"])
      expect((await admin.list({ ...ALL, name: part })).sessions.map((each) => each.name)).toEqual([name]);
    expect((await admin.list({ ...ALL, name: "\u00e3r" })).sessions.map((each) => each.name)).toEqual(["f\u00c3r"]);
  });

  it("reads no further than it was asked to, and says that there is more", async () => {
    const { admin, watch, pages } = open();
    for (let n = 0; n < 20; n++) await watch(`s${n}`);

    const { sessions, isAll } = await admin.list({ ...ALL, limit: 3 });

    expect([sessions.length, isAll, pages()]).toEqual([3, false, 2]);
    expect((await admin.list({ ...ALL, limit: 20 })).isAll).toBe(true);
  });
});

describe("showing a viewer session", () => {
  it.each([
    ["its name", "ada", { name: "ada" }],
    ["a name that begins with -", "--all", { name: "--all" }],
    ["a name of 4 KB, by its key", "x".repeat(4_096), { key: hash("x".repeat(4_096)) }],
    ["a name of 4 KB, as it is", "x".repeat(4_096), { name: "x".repeat(4_096) }],
    ["the name in UTF-8, which a header carries as Latin-1", "jos\u00c3\u00a9", { name: "jos\u00e9" }],
    ["the name in UTF-8 that the API was given", "jos\u00e9", { name: "jos\u00e9" }],
  ])("finds it by %s", async (_what, name, which) => {
    const { admin, watch } = open();
    const id = await watch(name);

    expect((await admin.show(which)).tokens.map(publicIdOf)).toEqual([id]);
  });

  it.each([
    [{ name: "" }, "INVALID_INPUT", "session must not be empty"],
    [{ key: "abc" }, "INVALID_INPUT", "key must be 64 hex digits"],
    [{ name: "nobody" }, "VIEWER_TOKEN_NOT_FOUND", 'no token of session "nobody" lives'],
    [{ name: "x".repeat(4_096) }, "VIEWER_TOKEN_NOT_FOUND", `"${"x".repeat(64)}…"`],
    [{ key: "0".repeat(64) }, "VIEWER_TOKEN_NOT_FOUND", "with the key 000"],
  ])("refuses %j", async (which, code, message) => {
    await expect(open().admin.show(which)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

describe("ending viewer tokens", () => {
  const ada = viewerSessionName("ada", hash);

  it("tells an evicted viewer who did it and why, and enters it into the audit trail without the name", async () => {
    const { admin, watch, entries, clock } = open();
    const id = await watch("ada");
    await watch("ada");

    expect(await admin.end(ada, id, { do: "evict", note: "shared" }, ANN)).toBe(true);

    const { tokens, ended } = await admin.show({ name: "ada" });
    expect(tokens).toHaveLength(1);
    expect(ended).toMatchObject([{ cause: "operator", note: "shared", by: { publicId: null, label: "ann" } }]);
    const detail = { session: ada.key, note: "shared" };
    expect(entries).toEqual([{ at: clock.now(), actor: ANN, action: "token.evict", subject: id, detail }]);
  });

  it("stops one as its viewer would", async () => {
    const { admin, watch, entries } = open();
    const id = await watch("ada");
    await watch("ada");

    expect(await admin.end(ada, id, { do: "stop" }, ANN)).toBe(true);

    expect((await admin.show({ name: "ada" })).ended).toMatchObject([{ cause: "stopped", by: null }]);
    expect(entries).toMatchObject([{ action: "token.stop", subject: id }]);
  });

  it("leaves the others alone where their plan lets in more than ours", async () => {
    const { admin, watch } = open();
    const ids = [];
    for (let n = 0; n < 20; n++) ids.push(await watch("ada", {}, 20));

    await admin.end(ada, ids[0] ?? "", { do: "evict", note: null }, ANN);

    expect((await admin.show({ name: "ada" })).tokens.map(publicIdOf)).toEqual(ids.slice(1));
  });

  it("says so where no such token lives, and enters nothing", async () => {
    const { admin, watch, entries } = open();
    await watch("ada");

    expect(await admin.end(ada, "0".repeat(16), { do: "evict", note: null }, ANN)).toBe(false);

    expect(entries).toEqual([]);
  });

  it("says that it is done where the audit trail is away", async () => {
    const { admin, watch } = open({ audit: () => Promise.reject(new RigError("DATABASE_UNREACHABLE", "away")) });
    const id = await watch("ada");

    const ending = admin.end(ada, id, { do: "stop" }, ANN);

    await expect(ending).rejects.toThrow(`token.stop of ${id} is done, but not in the audit trail: away`);
  });

  it.each([
    ["a note", { do: "evict", note: "x".repeat(65) } as const, ANN],
    ["an operator's name with control characters", { do: "evict", note: null } as const, { ...ANN, id: "a\u001b[2J" }],
  ])("refuses %s that no store shall keep", async (_what, how, actor) => {
    const { admin, watch } = open();
    const id = await watch("ada");

    await expect(admin.end(ada, id, how, actor)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    expect((await admin.show({ name: "ada" })).tokens).toHaveLength(1);
  });
});
