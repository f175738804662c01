import fc from "fast-check";
import { expect, it } from "vitest";
import { type Queued, ReadyQueue } from "../../src/services/ready-queue.ts";

interface Item extends Queued<Item> {
  readonly n: number;
}

it("holds what an array would, whatever is pushed and removed in whatever order", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ push: fc.boolean(), at: fc.nat(20) }), { maxLength: 60 }), (steps) => {
      const queue = new ReadyQueue<Item>();
      const model: Item[] = [];
      for (const [n, { push, at }] of steps.entries()) {
        if (push) {
          const item: Item = { n, before: null, behind: null };
          queue.push(item);
          model.push(item);
        } else {
          const item = model[at];
          if (!item) continue;
          queue.remove(item);
          model.splice(at, 1);
        }
        expect([...queue].map((item) => item.n)).toEqual(model.map((item) => item.n));
        expect(queue.size).toBe(model.length);
        expect(queue.first).toBe(model[0] ?? null);
      }
    }),
  );
});
