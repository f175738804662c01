import { describe, expect, it } from "vitest";
import { NO_DETAILS, NO_VIEWERS, type ViewerSession } from "../../src/domain/viewer-session.ts";
import { ViewerCache } from "../../src/etcd/viewer-cache.ts";

const ofTokens = (count: number, details = NO_DETAILS): ViewerSession => ({
  ...NO_VIEWERS,
  tokens: Array.from({ length: count }, (_, i) => ({ tokenHash: `${i}`, createdAt: 1, expiresAt: 2, details })),
});
const seen = (session: ViewerSession, modRevision = 1) => ({ modRevision, session });

describe("ViewerCache", () => {
  it("forgets those that were set longest ago, and never holds more than its bound", () => {
    const cache = new ViewerCache(5_000);
    for (let i = 0; i < 100_000; i++) cache.set(`${i}`, seen(ofTokens(i % 4)));

    expect(cache.bytes).toBeLessThanOrEqual(5_000);
    expect(cache.get("99999")).toBeDefined();
    expect(cache.get("99000")).toBeUndefined();
  });

  it("keeps what is set again, once", () => {
    const cache = new ViewerCache(1_000);
    for (let revision = 1; revision <= 100; revision++) {
      cache.set("a", seen(ofTokens(1), revision));
      cache.set(`${revision}`, seen(NO_VIEWERS));
    }

    expect(cache.get("a")?.modRevision).toBe(100);
    cache.delete("a");
    cache.delete("a");
    cache.delete("100");
    expect(cache.bytes).toBeLessThanOrEqual(300);
  });

  it("counts what tokens say of themselves, and keeps nothing that is too large for it", () => {
    const long = "x".repeat(64);
    const cache = new ViewerCache(1_500);

    cache.set("a", seen(ofTokens(3)));
    expect(cache.get("a")).toBeDefined();
    cache.set("a", seen(ofTokens(3, { device: long, content: long, label: long, address: long })));

    expect(cache.get("a")).toBeUndefined();
    expect(cache.bytes).toBe(0);
  });

  it("counts what is said of those that ended", () => {
    const long = "x".repeat(64);
    const by = { publicId: long, device: long, label: long, address: long };
    const ended = { tokenHash: "1", endedAt: 1, forgetAt: 2, cause: "operator", note: long, by } as const;
    const cache = new ViewerCache(10_000);

    cache.set("a", seen({ ...NO_VIEWERS, ended: [ended] }));
    const told = cache.bytes;
    cache.set("a", seen({ ...NO_VIEWERS, ended: [{ ...ended, note: null }] }));
    const silent = cache.bytes;
    cache.set("a", seen({ ...NO_VIEWERS, ended: [{ ...ended, note: null, by: null }] }));

    expect(told - silent).toBe(50 + 2 * 64);
    expect(silent - cache.bytes).toBe(4 * (50 + 2 * 64));
  });
});
