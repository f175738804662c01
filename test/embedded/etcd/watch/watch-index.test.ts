import fc from "fast-check";
import { expect, it } from "vitest";
import { inSpan, type Span } from "../../../../src/embedded/etcd/state/bytes.ts";
import type { Subscription } from "../../../../src/embedded/etcd/watch/subscription.ts";
import { WatchIndex } from "../../../../src/embedded/etcd/watch/watch-index.ts";

const subscription = (span: Span): Subscription => ({
  watcher: {
    ...{ id: 1, minRevision: 1, lagsFrom: null, busy: false },
    wish: {
      ...{ span, startRevision: 0, watchId: 0 },
      ...{ progressNotify: false, noPut: false, noDelete: false, prevKv: false, fragment: false },
    },
  },
  stream: { tell: () => {} },
});

const visited = (index: WatchIndex, key: string): Subscription[] => {
  const found: Subscription[] = [];
  index.visit(key, (entry) => found.push(entry));
  return found;
};

it("visits every watch whose range holds the key, once, and none that was taken back", () => {
  const bytes = fc.string({ unit: fc.constantFrom("a", "b", "/", "0", "\xff", "\0"), maxLength: 4 });
  const span = fc.record({ start: bytes, end: fc.option(bytes) });
  fc.assert(
    fc.property(fc.array(fc.tuple(span, fc.boolean())), fc.array(bytes), (watches, keys) => {
      const index = new WatchIndex();
      const entries = watches.map(([wish, stays]) => ({ entry: subscription(wish), wish, stays }));
      for (const { entry } of entries) index.add(entry);
      for (const { entry, stays } of entries) if (!stays) index.delete(entry);

      for (const key of keys) {
        const found = visited(index, key);
        const wanted = entries.filter(({ wish, stays }) => stays && inSpan(wish, key));
        expect(new Set(found).size).toBe(found.length);
        expect(found).toEqual(expect.arrayContaining(wanted.map(({ entry }) => entry)));
        expect(entries.filter(({ entry, stays }) => !stays && found.includes(entry))).toEqual([]);
      }
    }),
  );
});

it("asks of ten thousand watched prefixes only the one that the key lies in", () => {
  const index = new WatchIndex();
  for (let n = 10_000; n < 20_000; n++) index.add(subscription({ start: `w/${n}/`, end: `w/${n}0` }));

  expect(visited(index, "w/12345/x")).toHaveLength(1);
  expect(visited(index, "v")).toHaveLength(0);
});
