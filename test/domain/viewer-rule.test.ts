import { describe, expect, it } from "vitest";
import type { ViewerOperation, ViewerRules } from "../../src/domain/viewer-operation.ts";
import { decideViewer, decideViewers } from "../../src/domain/viewer-rule.ts";
import { MOST_ENDED, NO_DETAILS, NO_VIEWERS, publicIdOf, type ViewerSession } from "../../src/domain/viewer-session.ts";

const RULES: ViewerRules = { limit: 3, expiryMs: 30_000, perDevice: null, perContent: null, policy: "reject" };
const NOW = 1_000_000;
const hash = (name: string) => Buffer.from(name).toString("hex").padEnd(32, "0");
const token = (name: string, expiresAt: number, more: Partial<typeof NO_DETAILS> & { createdAt?: number } = {}) => {
  const { createdAt = 0, ...details } = more;
  return { tokenHash: hash(name), expiresAt, createdAt, details: { ...NO_DETAILS, ...details } };
};
const of = (...tokens: ViewerSession["tokens"]): ViewerSession => ({ tokens, ended: [] });
const names = ({ tokens }: Pick<ViewerSession, "tokens">) =>
  tokens.map(({ tokenHash }) => Buffer.from(tokenHash, "hex").toString().replaceAll("\0", ""));
const full = of(token("a", NOW + 1), token("b", NOW + 2), token("c", NOW + 3));

const create = (name: string, rules: Partial<ViewerRules> = {}, more: object = {}): ViewerOperation => ({
  ...{ do: "create", tokenHash: hash(name), details: NO_DETAILS, evict: null, rules: { ...RULES, ...rules } },
  ...more,
});
const refresh = (name: string, rules: Partial<ViewerRules> = {}): ViewerOperation => ({
  ...{ do: "refresh", tokenHash: hash(name), rules: { ...RULES, ...rules } },
});
const stop = (name: string): ViewerOperation => ({ do: "stop", which: { tokenHash: hash(name) }, rules: RULES });
const OPERATOR = { publicId: null, device: null, label: "operator", address: null };
const evict = (name: string): ViewerOperation => ({
  ...{ do: "evict", publicId: publicIdOf({ tokenHash: hash(name) }), by: OPERATOR, note: "shared", rules: RULES },
});

describe("a create", () => {
  it("issues a token for the full expiry while there is room", () => {
    const { session, answer } = decideViewer(of(token("a", NOW + 1)), create("new"), NOW);

    const issued = { ...token("new", NOW + 30_000), createdAt: NOW };
    expect(session).toEqual({ ...of(token("a", NOW + 1), issued), limit: 3 });
    expect(answer).toEqual({
      ...{ answer: "issued", token: issued, isRepeat: false, evicted: [], at: NOW, limit: 3 },
      active: session.tokens,
    });
  });

  it("is refused above the limit, says when room comes, and writes nothing", () => {
    const { session, answer } = decideViewer(full, create("new"), NOW);

    expect(session).toBe(full);
    expect(answer).toEqual({
      ...{ answer: "limit reached", fullOf: "session", freeAt: NOW + 1, at: NOW, limit: 3 },
      active: full.tokens,
    });
  });

  it("says when room comes where the limit was lowered below what lives", () => {
    const tokens = [token("a", NOW + 10), token("b", NOW + 20), token("c", NOW + 30)];

    expect(decideViewer(of(...tokens), create("new", { limit: 2 }), NOW).answer).toMatchObject({ freeAt: NOW + 20 });
  });

  it("gives a token that lives already once more, and takes no second slot", () => {
    for (const rules of [{}, { policy: "evict-oldest" }] as const) {
      const { session, answer } = decideViewer(full, create("b", rules), NOW);

      expect(session).toBe(full);
      expect(answer).toMatchObject({ answer: "issued", isRepeat: true, token: full.tokens[1], evicted: [] });
    }
  });

  it.each([
    ["stopped", stop("b")],
    ["evicted", evict("b")],
    ["pushed out", create("new", { policy: "evict-named" }, { evict: publicIdOf({ tokenHash: hash("b") }) })],
  ])("does not bring a token back that was %s", (_how, operation) => {
    const { session } = decideViewer(full, operation, NOW);

    const again = decideViewer(session, create("b", { limit: 9 }), NOW + 1);

    expect(again.answer.answer).toBe("token ended");
    expect(again.session).toBe(session);
  });

  it("forgets dead tokens when it writes, so that they free their place", () => {
    const { session, answer } = decideViewer(of(token("dead", NOW), ...full.tokens.slice(0, 2)), create("new"), NOW);

    expect(answer.answer).toBe("issued");
    expect(names(session)).toEqual(["a", "b", "new"]);
  });
});

describe("a create where there is no room", () => {
  const aged = of(
    token("young", NOW + 30, { createdAt: 3 }),
    token("old", NOW + 10, { createdAt: 1 }),
    token("mid", NOW + 20, { createdAt: 2 }),
  );
  const tv = { device: "tv", label: "Ada's", address: "198.51.100.7", content: "match" };

  it("ends the oldest where the class says so, which then knows by whom", () => {
    const { session, answer } = decideViewer(
      aged,
      create("new", { policy: "evict-oldest" }, { details: { ...NO_DETAILS, ...tv } }),
      NOW,
    );
    const told = decideViewer(session, refresh("old"), NOW + 1);

    expect(names(session)).toEqual(["young", "mid", "new"]);
    expect(answer).toMatchObject({ answer: "issued", evicted: [aged.tokens[1]] });
    expect(told.session).toBe(session);
    expect(told.answer).toMatchObject({
      answer: "token ended",
      ended: {
        ...{ cause: "oldest", endedAt: NOW, forgetAt: NOW + 10, note: null },
        by: { publicId: hash("new").slice(0, 16), device: "tv", label: "Ada's", address: "198.51.100.7" },
      },
    });
    expect(decideViewer(session, refresh("old"), NOW + 10).answer.answer).toBe("token expired");
  });

  it.each([
    ["the one that is named", "mid", "issued", ["young", "old", "new"]],
    ["nobody where none is named", null, "limit reached", ["young", "old", "mid"]],
    ["nobody for a name that does not live", "other", "limit reached", ["young", "old", "mid"]],
  ])("ends %s, where the class asks for a name", (_who, named, said, left) => {
    const evicts = named === null ? null : publicIdOf({ tokenHash: hash(named) });

    const { session, answer } = decideViewer(aged, create("new", { policy: "evict-named" }, { evict: evicts }), NOW);

    expect(answer.answer).toBe(said);
    expect(names(session)).toEqual(left);
  });

  it("ends nobody where there is room, whatever is named", () => {
    const evicts = publicIdOf({ tokenHash: hash("mid") });

    const { session } = decideViewer(aged, create("new", { policy: "evict-named", limit: 4 }, { evict: evicts }), NOW);

    expect(names(session)).toEqual(["young", "old", "mid", "new"]);
  });

  const watching = of(
    token("a", NOW + 30, { createdAt: 1, device: "tv", content: "match" }),
    token("b", NOW + 40, { createdAt: 2, device: "phone", content: "match" }),
    token("c", NOW + 50, { createdAt: 3 }),
  );
  it.each([
    ["the device", { perDevice: 1 }, { device: "tv" }, "device", NOW + 30, ["b", "c", "new"]],
    ["the content", { perContent: 2 }, { content: "match" }, "content", NOW + 30, ["b", "c", "new"]],
    ["device and session", { perDevice: 1, limit: 3 }, { device: "phone" }, "device", NOW + 40, ["a", "c", "new"]],
    [
      "device and content",
      { perDevice: 1, perContent: 1 },
      { device: "phone", content: "match" },
      "device",
      NOW + 40,
      ["c", "new"],
    ],
  ])("counts by %s", (_what, rules, details, fullOf, freeAt, left) => {
    const more = { details: { ...NO_DETAILS, ...details } };
    const ample = { limit: 9, ...rules };

    expect(decideViewer(watching, create("new", ample, more), NOW).answer).toMatchObject({ fullOf, freeAt });
    const { session } = decideViewer(watching, create("new", { ...ample, policy: "evict-oldest" }, more), NOW);
    expect(names(session)).toEqual(left);
  });

  it("counts by no device where none is named", () => {
    expect(decideViewer(watching, create("new", { limit: 9, perDevice: 1, perContent: 1 }), NOW).answer.answer).toBe(
      "issued",
    );
  });
});

describe("a refresh", () => {
  it("renews a live token to the full expiry, at the limit too, and keeps when it was made", () => {
    const { session, answer } = decideViewer(full, refresh("b"), NOW);

    expect(answer).toMatchObject({ answer: "renewed", token: token("b", NOW + 30_000) });
    expect(session).toEqual({ ...of(token("a", NOW + 1), token("b", NOW + 30_000), token("c", NOW + 3)), limit: 3 });
  });

  it("notes for operators what it let in, as a create does; what is refused, stopped or listed notes nothing", () => {
    const created = decideViewer(NO_VIEWERS, create("a", { limit: 5 }), NOW).session;
    const renewed = decideViewer(created, refresh("a", { limit: 2 }), NOW).session;
    const repeated = decideViewer(renewed, create("a", { limit: 4 }), NOW).session;
    const { session } = decideViewers(
      repeated,
      [create("b", { limit: 1 }), refresh("b", { limit: 7 }), stop("a")],
      NOW,
    );

    expect([created, renewed, repeated, session].map(({ limit }) => limit)).toEqual([5, 2, 2, 2]);
  });

  it("asks whether the token is known before it asks for the limit", () => {
    expect(decideViewer(full, refresh("foreign"), NOW).answer.answer).toBe("token expired");
    expect(decideViewer(NO_VIEWERS, refresh("foreign"), NOW).session).toBe(NO_VIEWERS);
  });

  it.each([
    ["one ms before its end", -1, "renewed"],
    ["at its end", 0, "token expired"],
    ["after its end", 1, "token expired"],
  ])("takes a token as live %s: %s ms", (_when, offset, said) => {
    expect(decideViewer(of(token("a", NOW)), refresh("a"), NOW + offset).answer.answer).toBe(said);
  });

  it("keeps the tokens that live longest where the limit was lowered", () => {
    const rules = { limit: 1 };

    expect(decideViewer(full, refresh("a", rules), NOW).answer.answer).toBe("token expired");
    expect(names(decideViewer(full, refresh("c", rules), NOW).session)).toEqual(["c"]);
    expect(decideViewer(full, create("new", rules), NOW).answer.answer).toBe("limit reached");
  });
});

describe("the end of a token", () => {
  it("is told to its viewer, and is done once however often it is asked", () => {
    for (const [operation, cause, by] of [
      [stop("b"), "stopped", null],
      [evict("b"), "operator", OPERATOR],
    ] as const) {
      const first = decideViewer(full, operation, NOW);
      const again = decideViewer(first.session, operation, NOW + 1);

      expect(names(first.session)).toEqual(["a", "c"]);
      expect(first.answer).toMatchObject({ answer: "ended", ended: { cause, by, endedAt: NOW } });
      expect(again.session).toBe(first.session);
      expect(again.answer).toMatchObject({ answer: "ended", ended: { endedAt: NOW } });
      expect(decideViewer(first.session, refresh("b"), NOW).answer).toMatchObject({
        answer: "token ended",
        ended: { cause },
      });
    }
  });

  it("is no stop of one that another ended, and nothing for one that never lived", () => {
    const { session } = decideViewer(full, evict("b"), NOW);

    expect(decideViewer(session, stop("b"), NOW).answer.answer).toBe("token ended");
    expect(decideViewer(session, stop("foreign"), NOW).answer.answer).toBe("token expired");
    expect(decideViewer(session, evict("foreign"), NOW).answer.answer).toBe("token expired");
  });

  it("is remembered of the newest only", () => {
    let session = NO_VIEWERS;
    for (let i = 0; i <= MOST_ENDED; i++)
      session = decideViewers(session, [create(`t${i}`), stop(`t${i}`)], NOW).session;

    expect(session.tokens).toEqual([]);
    expect(session.ended).toHaveLength(MOST_ENDED);
    expect(decideViewer(session, refresh("t0"), NOW).answer.answer).toBe("token expired");
    expect(decideViewer(session, refresh("t1"), NOW).answer.answer).toBe("token ended");
  });
});

describe("several operations at once", () => {
  it("are decided one after the other", () => {
    const { session, answers } = decideViewers(full, [create("x"), stop("a"), create("x"), create("y")], NOW);

    expect(answers.map(({ answer }) => answer)).toEqual(["limit reached", "ended", "issued", "limit reached"]);
    expect(answers.map(({ active }) => active.length)).toEqual([3, 2, 3, 3]);
    expect(names(session)).toEqual(["b", "c", "x"]);
  });

  it("are nothing to be written where all are refused or only ask", () => {
    const { session, answers } = decideViewers(full, [create("x"), { do: "list", rules: RULES }, refresh("y")], NOW);

    expect(session).toBe(full);
    expect(answers[1]).toEqual({ answer: "listed", at: NOW, limit: 3, active: full.tokens });
  });
});
