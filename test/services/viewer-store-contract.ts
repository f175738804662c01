import { createHash, randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import type { ViewerAnswer, ViewerOperation, ViewerRules } from "../../src/domain/viewer-operation.ts";
import { NO_DETAILS, publicIdOf, type ViewerDetails } from "../../src/domain/viewer-session.ts";
import { viewerSessionName, viewerTokenHash } from "../../src/services/viewer-names.ts";
import type { ViewerSessionStore } from "../../src/services/viewer-session-store.ts";
import { until } from "../support/until.ts";

/** A store, and what a test of it needs to know. */
export interface ViewerStoreWorld {
  /** Over an empty place; every call gives the store of another server, all over the same place. */
  server(): ViewerSessionStore;
}

const RULES: ViewerRules = { limit: 3, expiryMs: 30_000, perDevice: null, perContent: null, policy: "reject" };
const SHORT_MS = 300;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

export const sessionNamed = (name: string) => viewerSessionName(name, sha256);
export const hashOf = (token: string) => viewerTokenHash(token, sha256);

/** A create of a token that nobody had before, or of the one that is named. */
export const create = (
  rules: Partial<ViewerRules> = {},
  {
    token = randomUUID(),
    evict = null,
    ...details
  }: Partial<ViewerDetails> & { token?: string; evict?: string | null } = {},
): ViewerOperation & { readonly tokenHash: string } => ({
  ...{ do: "create", tokenHash: hashOf(token), evict, rules: { ...RULES, ...rules } },
  details: { ...NO_DETAILS, ...details },
});
export const refresh = (tokenHash: string, rules: Partial<ViewerRules> = {}): ViewerOperation => ({
  ...{ do: "refresh", tokenHash, rules: { ...RULES, ...rules } },
});
export const list: ViewerOperation = { do: "list", rules: RULES };

const ids = ({ active }: ViewerAnswer) => active.map(publicIdOf).sort();

/** What every store of viewer sessions does; call it within a `describe`. `world` is asked anew in each test. */
export function viewerStoreContract(world: () => ViewerStoreWorld): void {
  const ada = sessionNamed("ada");

  it("issues up to the limit, refuses, and tells what lives", async () => {
    const store = world().server();
    const creates = [create(), create(), create()];

    const issued = [];
    for (const each of creates) issued.push(await store.apply(ada, each));
    const refused = await store.apply(ada, create());

    expect(issued.map(({ answer }) => answer)).toEqual(["issued", "issued", "issued"]);
    expect(issued.map(({ active }) => active.length)).toEqual([1, 2, 3]);
    expect(refused).toMatchObject({ answer: "limit reached", fullOf: "session", limit: 3 });
    expect(ids(refused)).toEqual(creates.map(publicIdOf).sort());
    const [first] = issued;
    if (first?.answer !== "issued" || refused.answer !== "limit reached") throw new Error("unreachable");
    expect(first.token.expiresAt).toBe(first.at + 30_000);
    expect(refused.freeAt).toBe(first.token.expiresAt);
  });

  it("renews a live token at every server, and no other session's", async () => {
    const [one, other] = [world().server(), world().server()];
    const mine = create();
    await one.apply(ada, mine);

    const renewed = await other.apply(ada, refresh(mine.tokenHash));
    const foreign = await other.apply(sessionNamed("bob"), refresh(mine.tokenHash));

    expect(renewed).toMatchObject({ answer: "renewed", token: { tokenHash: mine.tokenHash } });
    if (renewed.answer === "renewed") expect(renewed.token.expiresAt).toBe(renewed.at + 30_000);
    expect(foreign).toMatchObject({ answer: "token expired", active: [] });
  });

  it("lets a token die at its time, and its place with it", async () => {
    const store = world().server();
    const short = { limit: 1, expiryMs: SHORT_MS };
    const mine = create(short);
    await store.apply(ada, mine);

    await until(async () => (await store.apply(ada, create(short))).answer === "issued");

    expect((await store.apply(ada, refresh(mine.tokenHash))).answer).toBe("token expired");
  });

  it("gives the same token to a create that is asked again, at the limit and at another server", async () => {
    const [one, other] = [world().server(), world().server()];
    const mine = create({ limit: 1 });

    const first = await one.apply(ada, mine);
    const again = await other.apply(ada, mine);

    expect(first).toMatchObject({ answer: "issued", isRepeat: false });
    expect(again).toMatchObject({ answer: "issued", isRepeat: true });
    expect(ids(again)).toEqual([publicIdOf(mine)]);
  });

  it("stops a token by its hash or its public id, once and for all", async () => {
    const store = world().server();
    for (const by of [
      ({ tokenHash }: { tokenHash: string }) => ({ tokenHash }),
      (each: { tokenHash: string }) => ({ publicId: publicIdOf(each) }),
    ]) {
      const mine = create();
      await store.apply(ada, mine);
      const stop: ViewerOperation = { do: "stop", which: by(mine), rules: RULES };

      const answers = [await store.apply(ada, stop), await store.apply(ada, stop)];

      for (const answer of answers)
        expect(answer).toMatchObject({ answer: "ended", ended: { cause: "stopped", by: null } });
      expect(answers[1]?.active).toEqual([]);
      expect((await store.apply(ada, refresh(mine.tokenHash))).answer).toBe("token ended");
      expect((await store.apply(ada, mine)).answer).toBe("token ended");
    }
  });

  it("tells the evicted who took its place, at another server too", async () => {
    const [one, other] = [world().server(), world().server()];
    const mine = create({ limit: 1 }, { device: "tv", label: "Ada's \u{1f3ac}", address: "2001:db8::1", content: "m" });
    const theirs = create(
      { limit: 1, policy: "evict-oldest" },
      { device: "phone", label: "Bob's", address: "192.0.2.1" },
    );
    await one.apply(ada, mine);

    const issued = await other.apply(ada, theirs);
    const told = await one.apply(ada, refresh(mine.tokenHash));

    expect(issued).toMatchObject({
      answer: "issued",
      evicted: [{ tokenHash: mine.tokenHash, details: mine.do === "create" ? mine.details : {} }],
    });
    expect(told).toMatchObject({
      answer: "token ended",
      ended: {
        ...{ tokenHash: mine.tokenHash, cause: "oldest", note: null, endedAt: issued.at },
        by: { publicId: publicIdOf(theirs), device: "phone", label: "Bob's", address: "192.0.2.1" },
      },
    });
    expect(ids(told)).toEqual([publicIdOf(theirs)]);
  });

  it("ends the one that is named, and only where there is no room", async () => {
    const store = world().server();
    const rules = { limit: 2, policy: "evict-named" } as const;
    const [first, second] = [create(rules), create(rules, { evict: publicIdOf(create()) })];
    for (const each of [first, second]) expect((await store.apply(ada, each)).answer).toBe("issued");

    const unnamed = await store.apply(ada, create(rules));
    const third = create(rules, { evict: publicIdOf(second) });
    const named = await store.apply(ada, third);

    expect(unnamed.answer).toBe("limit reached");
    expect(ids(named)).toEqual([first, third].map(publicIdOf).sort());
    expect(await store.apply(ada, refresh(second.tokenHash))).toMatchObject({
      answer: "token ended",
      ended: { cause: "named" },
    });
  });

  it("counts by device and by content", async () => {
    const store = world().server();
    const rules = { limit: 9, perDevice: 1, perContent: 2 };
    const tv = create(rules, { device: "tv", content: "match" });

    const answers = [];
    for (const each of [
      tv,
      create(rules, { device: "tv" }),
      create(rules, { device: "phone", content: "match" }),
      create(rules, { content: "match" }),
      create(rules),
    ])
      answers.push(await store.apply(ada, each));

    expect(answers.map((each) => (each.answer === "limit reached" ? each.fullOf : each.answer))).toEqual([
      ...["issued", "device", "issued", "content", "issued"],
    ]);
    const moved = await store.apply(ada, create({ ...rules, policy: "evict-oldest" }, { device: "tv" }));
    expect(moved).toMatchObject({ answer: "issued", evicted: [{ tokenHash: tv.tokenHash }] });
  });

  it("is evicted by an operator with a word, and listed no more", async () => {
    const store = world().server();
    const [mine, other] = [create(), create()];
    for (const each of [mine, other]) await store.apply(ada, each);
    const by = { publicId: null, device: null, label: "operator", address: null };
    const evict: ViewerOperation = { do: "evict", publicId: publicIdOf(mine), by, note: "shared", rules: RULES };

    const answers = [await store.apply(ada, evict), await store.apply(ada, evict)];

    for (const each of answers)
      expect(each).toMatchObject({ answer: "ended", ended: { cause: "operator", note: "shared", by } });
    expect(await store.apply(ada, refresh(mine.tokenHash))).toMatchObject({ answer: "token ended", ended: { by } });
    expect(ids(await store.apply(ada, list))).toEqual([publicIdOf(other)]);
    expect((await store.apply(ada, { ...evict, publicId: publicIdOf(create()) })).answer).toBe("token expired");
  });

  it("keeps the tokens that live longest where the limit was lowered", async () => {
    const store = world().server();
    const creates = [create(), create({ expiryMs: 60_000 }), create()];
    for (const each of creates) await store.apply(ada, each);

    const renewed = await store.apply(ada, refresh(creates[1]!.tokenHash, { limit: 1 }));

    expect(renewed.answer).toBe("renewed");
    expect(ids(renewed)).toEqual([publicIdOf(creates[1]!)]);
    expect((await store.apply(ada, refresh(creates[0]!.tokenHash))).answer).toBe("token expired");
  });

  it("grants exactly the limit to 64 requests at four servers at once", async () => {
    const servers = Array.from({ length: 4 }, () => world().server());

    const answers = await Promise.all(Array.from({ length: 64 }, (_, i) => servers[i % 4]!.apply(ada, create())));

    expect(answers.filter(({ answer }) => answer === "issued")).toHaveLength(3);
    for (const { active } of answers) expect(active.length).toBeLessThanOrEqual(3);
    expect((await servers[0]!.apply(ada, list)).active).toHaveLength(3);
  });

  it("lets one of many stops, evictions and creates at several servers follow the other", async () => {
    const servers = Array.from({ length: 3 }, () => world().server());
    const rules = { limit: 2, policy: "evict-oldest" } as const;
    const creates = Array.from({ length: 30 }, () => create(rules));

    const answers = await Promise.all(creates.map((each, i) => servers[i % 3]!.apply(ada, each)));

    // Each create found room: as many were evicted as no longer live.
    const evicted = answers.flatMap((each) => (each.answer === "issued" ? each.evicted.map(publicIdOf) : []));
    const active = ids(await servers[0]!.apply(ada, list));
    expect(answers.every(({ answer }) => answer === "issued")).toBe(true);
    expect(active).toHaveLength(2);
    expect([...evicted, ...active].sort()).toEqual(creates.map(publicIdOf).sort());
  });

  it("never refuses by what it saw before", async () => {
    const [one, other] = [world().server(), world().server()];
    const mine = create({ limit: 1 });
    await one.apply(ada, mine);
    expect((await one.apply(ada, create({ limit: 1 }))).answer).toBe("limit reached");
    await other.apply(ada, { do: "stop", which: { tokenHash: mine.tokenHash }, rules: RULES });

    expect((await one.apply(ada, create({ limit: 1 }))).answer).toBe("issued");
  });

  it.each([
    ["a star", "*"],
    ["a colon", "a:b"],
    ["brackets", "[a-z]"],
    ["a slash", "a/b"],
    ["braces", "{a}"],
    ["control characters", "\u0000\r\n"],
    ["other scripts", "пример \u{1f3ac}"],
    ["4 KiB", "x".repeat(4_096)],
    ["half a surrogate pair", "\ud800"],
  ])("takes a session name of %s as data", async (_what, name) => {
    const store = world().server();
    const others = ["*", "a", "a:b", ""].filter((each) => each !== name).map(sessionNamed);
    for (const each of others) await store.apply(each, create());
    const mine = create({ limit: 1 });

    expect((await store.apply(sessionNamed(name), mine)).answer).toBe("issued");
    expect((await store.apply(sessionNamed(name), create({ limit: 1 }))).answer).toBe("limit reached");
    for (const each of others) {
      expect((await store.apply(each, refresh(mine.tokenHash))).answer).toBe("token expired");
      expect((await store.apply(each, list)).active).toHaveLength(1);
    }
  });

  it("holds a thousand tokens with all that can be said of them", async () => {
    const store = world().server();
    const rules = { limit: 1_000 };
    const long = "\u20ac".repeat(64);
    const details = { device: long, content: long, label: long, address: long };

    const answers = await Promise.all(Array.from({ length: 1_001 }, () => store.apply(ada, create(rules, details))));

    expect(answers.filter(({ answer }) => answer === "issued")).toHaveLength(1_000);
    const { active } = await store.apply(ada, { do: "list", rules: { ...RULES, ...rules } });
    expect(active).toHaveLength(1_000);
    expect(active[999]?.details).toEqual(details);
  });
}
