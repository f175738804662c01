import { describe, expect, it } from "vitest";
import { ViewerRevisions } from "../../src/etcd/viewer-revisions.ts";

const at = (revision: number, clusterId = "a") => ({ revision, clusterId });

describe("ViewerRevisions", () => {
  it("knows which revisions are older than a time, and nothing of times before it began", () => {
    const revisions = new ViewerRevisions();
    revisions.note(at(10), 5_000);
    revisions.note(at(20), 8_000);

    expect([4_999, 5_000, 7_999, 8_000, 9_000].map((time) => revisions.writtenBefore(time))).toEqual([
      ...[null, 10, 10, 20, 20],
    ]);
  });

  it("keeps no notes that are closer than a second", () => {
    const revisions = new ViewerRevisions();
    for (const time of [1_000, 1_999, 2_000]) revisions.note(at(time), time);

    expect(revisions.writtenBefore(1_999)).toBe(1_000);
    expect(revisions.writtenBefore(2_000)).toBe(2_000);
  });

  it.each([
    ["was replaced", at(30, "b")],
    ["was put back", at(9)],
  ])("forgets what it knew of a store that %s", (_how, seen) => {
    const revisions = new ViewerRevisions();
    expect(revisions.note(at(10), 1_000)).toBe(false);
    expect(revisions.note(at(10), 2_000)).toBe(true);

    expect(revisions.note(seen, 3_000)).toBe(false);

    expect(revisions.writtenBefore(2_999)).toBe(null);
    expect(revisions.writtenBefore(3_000)).toBe(seen.revision);
  });
});
