import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MOST_ENDED, NO_DETAILS } from "../../src/domain/viewer-session.ts";
import { decodeViewers, encodeViewers, likelyViewerBytes, mostViewerBytes } from "../../src/etcd/viewer-encoding.ts";

const text = fc.option(fc.string({ unit: "binary", maxLength: 64 }));
const tokenHash = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 32, maxLength: 32 });
const LAST_INSTANT = 8.64e15; // of a Date
const instant = fc.integer({ min: 0, max: LAST_INSTANT });
const details = fc.oneof(
  fc.constant(NO_DETAILS),
  fc.record({ device: text, content: text, label: text, address: text }),
);
const token = fc.record({ tokenHash, createdAt: instant, expiresAt: instant, details });
const by = fc.option(fc.record({ publicId: text, device: text, label: text, address: text }));
const cause = fc.constantFrom("stopped", "oldest", "named", "operator");
const ended = fc.record({ tokenHash, endedAt: instant, forgetAt: instant, cause, note: text, by });
const limit = fc.option(fc.integer({ min: 1, max: 1_000 }), { nil: undefined });
const session = fc.record({ name: text, tokens: fc.array(token), ended: fc.array(ended), limit });

describe("a stored viewer session", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(session, (viewers) => {
        expect(decodeViewers("key", encodeViewers(viewers))).toEqual(viewers);
      }),
    );
  });

  it.each([LAST_INSTANT + 1, -1, 1.5])("is refused where it tells of an instant that cannot be shown: %s", (at) => {
    const read = (expiresAt: number) =>
      decodeViewers("key", Buffer.from(JSON.stringify({ v: 1, t: [["0".repeat(32), 0, expiresAt]] })));

    expect(read(LAST_INSTANT).tokens).toHaveLength(1);
    expect(() => read(at)).toThrow("a viewer session that is broken");
  });

  it("is no longer than its bound", () => {
    const long = "\u20ac".repeat(64);
    const said = { device: long, content: long, label: long, address: long };
    const viewers = (count: number) => ({
      name: "\u20ac".repeat(256),
      tokens: Array.from({ length: count }, () => ({
        ...{ tokenHash: "f".repeat(32), createdAt: 1e13, expiresAt: 1e13, details: said },
      })),
      ended: Array.from({ length: MOST_ENDED }, () => ({
        ...{ tokenHash: "f".repeat(32), endedAt: 1e13, forgetAt: 1e13, cause: "operator" as const, note: long },
        by: { publicId: long, device: long, label: long, address: long },
      })),
    });

    for (const count of [0, 3, 1_000]) {
      expect(encodeViewers(viewers(count)).length).toBeLessThanOrEqual(mostViewerBytes(count));
      expect(encodeViewers(viewers(count)).length).toBeGreaterThan(0.9 * mostViewerBytes(count));
    }
    expect(mostViewerBytes(1_000)).toBeLessThan(1024 * 1024); // one request
    expect(likelyViewerBytes(3) * 96).toBeLessThan(2 * 1024 * 1024); // one answer
  });

  it("takes some 60 bytes a token that says nothing", () => {
    const tokens = [1, 2, 3].map((n) => ({
      ...{ tokenHash: `${n}`.repeat(32), createdAt: 1.7e12, expiresAt: 1.7e12, details: NO_DETAILS },
    }));

    expect(encodeViewers({ name: "ada", tokens, ended: [], limit: 1_000 }).length).toBeLessThan(230);
  });

  it.each(['{"v":1,"s":"eve","t":[x', "eve{", '{"v":1,"s":"eve","t":[["eve"]]}', '{"v":2,"s":"eve"}'])(
    "tells nothing of itself where it is broken: %s",
    (text) => {
      let refused: unknown = null;
      try {
        decodeViewers("etcd/key", Buffer.from(text));
      } catch (error) {
        refused = error;
      }

      expect(refused).toMatchObject({ code: "INTERNAL", message: expect.stringContaining("etcd/key: ") });
      expect(inspect(refused)).not.toContain('eve"');
      expect(inspect(refused)).not.toContain("eve{");
    },
  );
});
