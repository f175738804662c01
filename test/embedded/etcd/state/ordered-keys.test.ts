import fc from "fast-check";
import { expect, it } from "vitest";
import { OrderedKeys } from "../../../../src/embedded/etcd/state/ordered-keys.ts";

const none = () => false;

const list = (keys: OrderedKeys<{ key: string }>, start = "", end: string | null = "") => {
  const found: string[] = [];
  keys.visit({ start, end }, ({ key }) => found.push(key) > 0);
  return found;
};

it("holds what a sorted list would, whatever is set and deleted", () => {
  const step = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 3_000 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 4_000, size: "max" }), ([...steps]) => {
      const keys = new OrderedKeys<{ key: string }>(none);
      const model = new Set<string>();
      for (const [set, number] of steps) {
        const key = String(number);
        if (set) keys.set({ key });
        else keys.delete(key);
        if (set) model.add(key);
        else model.delete(key);
      }

      expect(list(keys)).toEqual([...model].sort());
      expect(keys.size).toBe(model.size);
    }),
    { numRuns: 20 },
  );
});

it("visits a range from its start up to, and without, its end", () => {
  const keys = new OrderedKeys<{ key: string }>(none);
  const all = Array.from({ length: 2_000 }, (_, i) => String(i).padStart(4, "0"));
  for (const key of all) keys.set({ key });

  expect(list(keys, "0510", "0514")).toEqual(["0510", "0511", "0512", "0513"]);
  expect(list(keys, "0510", null)).toEqual(["0510"]);
  expect(list(keys, "1998", "")).toEqual(["1998", "1999"]);
  expect(list(keys, "nothing", null)).toEqual([]);
});

it("stops where the visitor has enough, and replaces an item of the same key", () => {
  const keys = new OrderedKeys<{ key: string; value: number }>(none);
  for (const key of ["b", "a", "c"]) keys.set({ key, value: 1 });
  keys.set({ key: "a", value: 2 });
  const seen: number[] = [];

  keys.visit({ start: "", end: "" }, ({ value }) => seen.push(value) < 2);

  expect(seen).toEqual([2, 1]);
  expect(keys.size).toBe(3);
});

it("counts what a look at each item of the range would", () => {
  const number = fc.integer({ min: 0, max: 3_000 });
  const step = fc.tuple(fc.constantFrom("set", "set uncounted", "delete"), number);
  const span = fc.record({
    start: fc.string({ maxLength: 3 }),
    end: fc.option(number.map(String)),
    toEnd: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 4_000, size: "max" }), fc.array(span), ([...steps], spans) => {
      const keys = new OrderedKeys<{ key: string; counted: boolean }>(({ counted }) => counted);
      for (const [what, number] of steps)
        if (what === "delete") keys.delete(String(number));
        else keys.set({ key: String(number), counted: what === "set" });

      for (const { start, end, toEnd } of spans) {
        const range = { start, end: toEnd ? "" : end };
        let expected = 0;
        keys.visit(range, ({ counted }) => {
          if (counted) expected += 1;
          return true;
        });
        expect(keys.count(range)).toBe(expected);
      }
    }),
    { numRuns: 20, endOnFailure: true },
  );
});
