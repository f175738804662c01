import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Connection } from "../../src/redis/connection.ts";
import { fewWrites } from "../../src/redis/few-writes.ts";

/** A connection that counts, of its stream, how often it was held and let go. */
function open() {
  const seen = { held: 0, released: 0 };
  const stream = { cork: () => (seen.held += 1), uncork: () => (seen.released += 1) };
  return { seen, gather: fewWrites({ stream } as unknown as Connection) };
}

describe("the writes of one turn", () => {
  it("leave as one when the turn ends", async () => {
    const { seen, gather } = open();

    for (let n = 0; n < 5; n++) gather();
    expect(seen).toEqual({ held: 1, released: 0 });
    await turn();

    expect(seen).toEqual({ held: 1, released: 1 });
  });

  it("leave eight at a time where there are more, and none is held for good", async () => {
    const { seen, gather } = open();

    for (let n = 0; n < 20; n++) gather();
    expect(seen).toEqual({ held: 3, released: 2 });
    await turn();

    expect(seen).toEqual({ held: 3, released: 3 });
  });

  it("need no connection yet", async () => {
    const gather = fewWrites({} as Connection);

    gather();
    await turn();

    expect(gather).not.toThrow();
    await turn();
  });
});
