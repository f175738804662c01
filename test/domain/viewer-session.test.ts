import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideViewer, liveTokens, type ViewerSession } from "../../src/domain/viewer-session.ts";

const RULES = { limit: 3, expiryMs: 30_000 };
const NOW = 1_000_000;
const token = (tokenHash: string, expiresAt: number) => ({ tokenHash, expiresAt, createdAt: 0 });
const full: ViewerSession = [token("a", NOW + 1), token("b", NOW + 2), token("c", NOW + 3)];
const open = (session: ViewerSession, tokenHash: string | null, now = NOW, rules = RULES) =>
  decideViewer(session, { tokenHash, newTokenHash: "new" }, now, rules);

describe("decideViewer", () => {
  it("issues a token for the full expiry while there is room", () => {
    const { session, answer } = open([token("a", NOW + 1)], null);

    expect(answer).toBe("issued");
    expect(session).toEqual([token("a", NOW + 1), { tokenHash: "new", expiresAt: NOW + 30_000, createdAt: NOW }]);
  });

  it("refuses one above the limit, and writes nothing", () => {
    expect(open(full, null)).toEqual({ session: full, answer: "limit reached" });
    expect(open(full, null).session).toBe(full);
  });

  it("renews a live token to the full expiry, at the limit too, and keeps when it was made", () => {
    const { session, answer } = open(full, "b");

    expect(answer).toBe("renewed");
    expect(session).toEqual([token("a", NOW + 1), token("c", NOW + 3), token("b", NOW + 30_000)]);
  });

  it("asks whether the token is known before it asks for the limit", () => {
    expect(open(full, "foreign").answer).toBe("token expired");
    expect(open([], "foreign")).toEqual({ session: [], answer: "token expired" });
  });

  it.each([
    ["one ms before its end", -1, "renewed"],
    ["at its end", 0, "token expired"],
    ["after its end", 1, "token expired"],
  ])("takes a token as live %s: %s ms", (_when, offset, answer) => {
    expect(open([token("a", NOW)], "a", NOW + offset).answer).toBe(answer);
  });

  it("forgets dead tokens when it writes, so that they free their place", () => {
    const { session, answer } = open([token("dead", NOW), ...full.slice(0, 2)], null);

    expect(answer).toBe("issued");
    expect(session.map(({ tokenHash }) => tokenHash)).toEqual(["a", "b", "new"]);
  });

  it("keeps the tokens that live longest where the limit was lowered", () => {
    const rules = { ...RULES, limit: 1 };

    expect(open(full, "a", NOW, rules).answer).toBe("token expired");
    expect(open(full, "c", NOW, rules).session).toEqual([token("c", NOW + 30_000)]);
    expect(open(full, null, NOW, rules).answer).toBe("limit reached");
  });
});

describe("any run of requests", () => {
  const step = fc.record({
    show: fc.option(fc.nat(20), { nil: null }),
    passMs: fc.integer({ min: -500, max: 20_000 }),
  });

  it("never leaves more entries than the limit, and never fewer live tokens than were promised", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (steps, limit) => {
        const rules = { limit, expiryMs: 30_000 };
        let session: ViewerSession = [];
        let now = NOW;
        steps.forEach(({ show, passMs }, index) => {
          now += passMs; // clocks of several servers: time may step back
          const before = liveTokens(session, now, limit);
          const tokenHash = show === null ? null : `t${show}`;
          const decision = decideViewer(session, { tokenHash, newTokenHash: `t${index}` }, now, rules);
          const known = before.some((live) => live.tokenHash === tokenHash);

          expect(decision.session.length).toBeLessThanOrEqual(limit);
          if (tokenHash !== null) expect(decision.answer).toBe(known ? "renewed" : "token expired");
          else expect(decision.answer).toBe(before.length < limit ? "issued" : "limit reached");
          if (decision.answer === "issued" || decision.answer === "renewed") {
            const mine = decision.answer === "issued" ? `t${index}` : tokenHash;
            expect(decision.session.find((each) => each.tokenHash === mine)?.expiresAt).toBe(now + 30_000);
            const others = before.filter((each) => each.tokenHash !== mine);
            expect(decision.session).toEqual(expect.arrayContaining([...others]));
          } else expect(decision.session).toBe(session);
          session = decision.session;
        });
      }),
    );
  });
});
