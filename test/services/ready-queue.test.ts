import fc from "fast-check";
import { expect, it } from "vitest";
import { ReadyQueue } from "../../src/services/ready-queue.ts";

it("holds what an array would, whatever is pushed and removed in whatever order", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ push: fc.boolean(), at: fc.nat(20) }), { maxLength: 60 }), (steps) => {
      const queue = new ReadyQueue<{ n: number }>();
      const model: { n: number }[] = [];
      for (const [n, { push, at }] of steps.entries()) {
        if (push) {
          const item = { n };
          queue.push(item);
          model.push(item);
        } else {
          const item = model[at];
          expect(queue.remove(item ?? { n: -1 })).toBe(item !== undefined);
          if (item) model.splice(at, 1);
        }
        expect([...queue]).toEqual(model);
        expect(queue.size).toBe(model.length);
        expect(queue.first).toBe(model[0] ?? null);
      }
    }),
  );
});
