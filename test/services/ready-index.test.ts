import { describe, expect, it, vi } from "vitest";
import { type IndexEntry, ReadyIndex } from "../../src/services/ready-index.ts";
import { ReadyQueue } from "../../src/services/ready-queue.ts";
import { preferredWorker } from "../../src/services/rendezvous.ts";

let now = 0;
const index = (workerId = "me") =>
  new ReadyIndex<IndexEntry>({ workerId, clock: { monotonic: () => now }, random: () => 0 });
let revisions = 0;
const entry = (id: string, more: Partial<IndexEntry> = {}): IndexEntry => ({
  ...{ id, kind: "note", priority: 5, attempt: 0, maxAttempts: 3, limitKey: null, claimed: false },
  ...{ key: `ready/${id}`, modRevision: ++revisions },
  ...more,
});
const all = () => true;
const drain = (from: ReadyIndex<IndexEntry>) => {
  const ids: string[] = [];
  for (let next = from.take(all); next; next = from.take(all)) ids.push(next.id);
  return ids;
};

describe("the index of ready tasks", () => {
  it("gives the highest priority first, and within it the oldest", () => {
    const ready = index();
    for (const [id, priority] of [
      ["a", 5],
      ["b", 9],
      ["c", 0],
      ["d", 5],
      ["e", 9],
    ] as const)
      ready.put(entry(id, { priority }));

    expect(drain(ready)).toEqual(["b", "e", "a", "d", "c"]);
  });

  it("gives every eighth turn to the oldest, so that low priorities are served too", () => {
    const ready = index();
    now = 0;
    ready.put(entry("old", { priority: 0 }));
    now = 1;
    for (let n = 0; n < 20; n++) ready.put(entry(`new-${n}`, { priority: 9 }));

    expect(drain(ready).indexOf("old")).toBe(7);
  });

  it("offers a taken task again only when it has changed or is given back", () => {
    const ready = index();
    const first = entry("a");
    ready.put(first);
    expect([ready.take(all), ready.take(all)]).toEqual([first, null]);

    ready.giveBack(first);
    expect(ready.take(all)).toBe(first);
    const changed = entry("a");
    ready.put(changed);
    ready.giveBack(first); // that one is there no more

    expect([ready.take(all), ready.take(all)]).toEqual([changed, null]);
  });

  it("offers none that a worker has taken, and forgets those that are gone", () => {
    const ready = index();
    ready.put(entry("a", { claimed: true }));
    ready.put(entry("b"));
    ready.remove("ready/b");

    expect(drain(ready)).toEqual([]);
    expect([...ready.taken()].map(({ id }) => id)).toEqual(["a"]);
  });

  it("passes over those that may not run now", () => {
    const ready = index();
    ready.put(entry("a", { limitKey: "x" }));
    ready.put(entry("b"));

    expect(ready.take(({ limitKey }) => limitKey !== "x")?.id).toBe("b");
    expect(ready.size).toBe(1);
  });

  it("looks past thousands that wait for their limit", () => {
    const ready = index();
    for (let n = 0; n < 3_000; n++) ready.put(entry(`limited-${n}`, { limitKey: "x" }));
    ready.put(entry("free"));

    expect(ready.take(({ limitKey }) => limitKey !== "x")?.id).toBe("free");
  });

  it("leaves a task to the worker that it prefers, but not for long", () => {
    const ready = index("me");
    ready.setWorkers([
      { workerId: "me", kinds: null },
      { workerId: "you", kinds: null },
    ]);
    const ids = Array.from({ length: 50 }, (_, n) => `t${n}`);
    const mine = ids.filter((id) => preferredWorker(id, ["me", "you"]) === "me");
    now = 0;
    for (const id of ids) ready.put(entry(id));

    const atOnce = drain(ready);
    now = 75;
    const later = drain(ready);
    for (const id of later) ready.remove(`ready/${id}`);
    const stillLater = drain(ready);

    expect(atOnce).toEqual(mine);
    expect(mine.length).toBeGreaterThan(10);
    expect([later.length, stillLater.length]).toEqual([4, 4]); // so many at once, until it is known who got them
    expect([...later, ...stillLater].every((id) => !mine.includes(id))).toBe(true);
  });

  it("does not look among kinds that have none left", () => {
    const ready = index();
    for (const n of Array(50).keys()) ready.put(entry(`t${n}`, { kind: `kind-${n}` }));
    for (const n of Array(50).keys()) ready.remove(`ready/t${n}`);
    ready.put(entry("last"));
    const looks = vi.spyOn(ReadyQueue.prototype, "size", "get");

    expect(ready.take(all)?.id).toBe("last");

    expect(looks.mock.calls.length).toBeLessThan(3);
    looks.mockRestore();
  });

  it("waits for no worker that does not take the kind, and for none that has left", () => {
    const ready = index("me");
    ready.setWorkers([
      { workerId: "you", kinds: ["other"] },
      { workerId: "gone", kinds: null },
    ]);
    ready.setWorkers([{ workerId: "you", kinds: ["other"] }]);
    now = 0;
    for (let n = 0; n < 20; n++) ready.put(entry(`t${n}`));

    expect(drain(ready)).toHaveLength(20);
  });
});
