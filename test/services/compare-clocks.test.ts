import { describe, expect, it } from "vitest";
import { isOff } from "../../src/domain/clock-difference.ts";
import { type ClockBoard, compareClocks, type SaidClock } from "../../src/services/compare-clocks.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";
import { silentLog } from "../support/silent-log.ts";

/** A board on which each word takes its way to everybody. */
function fakeBoard(clock: FakeClock, wayMs: () => number): ClockBoard & { words: number } {
  const readers = new Set<(said: SaidClock) => void>();
  const ends = new AbortController();
  return {
    words: 0,
    async say(said) {
      this.words += 1;
      void clock.sleep(wayMs(), ends.signal).then(() => {
        for (const read of readers) read(said);
      });
    },
    async follow(onSaid, signal) {
      readers.add(onSaid);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      readers.delete(onSaid);
    },
  };
}

interface World {
  readonly clock: FakeClock;
  readonly lines: string[];
  /** By how much each server's clock is ahead, by its name; may be changed. */
  readonly ahead: Record<string, number>;
  differences(): Record<string, number>;
  off(): string[];
  leave(name: string): Promise<void>;
  end(): Promise<void>;
}

/** Servers that start one after the other, a second apart. */
async function servers(ahead: Record<string, number>, wayMs: () => number = () => 5): Promise<World> {
  const clock = fakeClock();
  const board = fakeBoard(clock, wayMs);
  const lines: string[] = [];
  const running = new Map<string, { stop: AbortController; ended: Promise<void> }>();
  const compared = new Map<string, ReturnType<typeof compareClocks>>();
  for (const serverId of Object.keys(ahead)) {
    const line = (_fields: object, words: string) => void lines.push(`${serverId}: ${words}`);
    const log = { ...silentLog, warn: line, info: line };
    const now = () => clock.now() + (ahead[serverId] ?? 0);
    const one = compareClocks({ serverId, board, clock, now, log });
    const stop = new AbortController();
    compared.set(serverId, one);
    running.set(serverId, { stop, ended: one.run(stop.signal) });
    await clock.advance(1_000);
  }
  const leave = async (name: string) => {
    running.get(name)?.stop.abort();
    await running.get(name)?.ended;
    running.delete(name);
    compared.delete(name);
  };
  return {
    ...{ clock, lines, ahead, leave },
    differences: () => Object.fromEntries([...compared].map(([id, one]) => [id, one.standing().differenceMs])),
    off: () => [...compared].filter(([, one]) => isOff(one.standing())).map(([id]) => id),
    async end() {
      for (const name of [...running.keys()]) await leave(name);
    },
  };
}

describe("compareClocks", () => {
  it("finds nothing wrong with one alone, nor with those that agree", async () => {
    const alone = await servers({ a: 600_000 });
    const three = await servers({ a: 0, b: 300, c: -300 });

    await alone.clock.advance(20_000);
    await three.clock.advance(20_000);

    expect([alone.off(), three.off()]).toEqual([[], []]);
    expect([alone.lines, three.lines]).toEqual([[], []]);
    await alone.end();
    await three.end();
  });

  it.each([
    ["ahead", 1_200],
    ["behind", -1_200],
    ["far ahead", 86_400_000],
  ])("finds the one of three that is %s, and says so once", async (_word, by) => {
    const world = await servers({ a: 0, b: by, c: 0 });

    await world.clock.advance(20_000);

    expect(world.off()).toEqual(["b"]);
    expect(Math.abs((world.differences().b ?? 0) - by)).toBeLessThan(50);
    expect(world.lines).toEqual(["b: this server's clock is off: it takes no part"]);
    await world.end();
  });

  it("believes the elder of two", async () => {
    const world = await servers({ elder: 5_000, younger: 0 });

    await world.clock.advance(20_000);

    expect(world.off()).toEqual(["younger"]);
    await world.end();
  });

  it("notices within 10 s that a clock was set, and that it was set right", async () => {
    const world = await servers({ a: 0, b: 0, c: 0 });
    await world.clock.advance(20_000);

    world.ahead.c = 30_000;
    await world.clock.advance(10_000);
    const wrong = world.off();
    world.ahead.c = 0;
    await world.clock.advance(10_000);

    expect([wrong, world.off()]).toEqual([["c"], []]);
    expect(world.lines.map((line) => line.replace(/:.*is /, " "))).toEqual([
      "c off: it takes no part",
      "c right again",
    ]);
    await world.end();
  });

  it("notices within 10 s that the elder's clock was set back", async () => {
    const world = await servers({ elder: 0, younger: 0 });
    await world.clock.advance(20_000);

    world.ahead.elder = -30_000;
    await world.clock.advance(10_000);

    expect(world.off()).toEqual(["younger"]);
    await world.end();
  });

  it("learns nothing from a word that lay there when it came", async () => {
    const clock = fakeClock();
    const board = fakeBoard(clock, () => 5);
    const stale = { serverId: "gone", at: clock.now() - 600_000, upMs: 900_000 };
    const listing: ClockBoard = {
      say: (said) => board.say(said),
      follow: (onSaid, signal) => {
        onSaid(stale);
        return board.follow(onSaid, signal);
      },
    };
    const one = compareClocks({ serverId: "new", board: listing, clock, log: silentLog });
    const stop = new AbortController();
    const running = one.run(stop.signal);

    await clock.advance(10);

    expect(one.standing()).toEqual({ differenceMs: 0, servers: 1 });
    stop.abort();
    await running;
  });

  it("takes a slow way for no difference", async () => {
    let word = 0;
    const world = await servers({ a: 0, b: 0, c: 0 }, () => (word++ % 2 === 0 ? 2_500 : 1_500));

    await world.clock.advance(40_000);

    expect(world.off()).toEqual([]);
    await world.end();
  });

  it("hears no more of one that is gone", async () => {
    const world = await servers({ a: 0, b: 5_000, c: 5_000 });
    await world.clock.advance(20_000);
    const before = world.off();

    await world.leave("b");
    await world.leave("c");
    await world.clock.advance(20_000);

    expect([before, world.off()]).toEqual([["a"], []]);
    await world.end();
  });

  it("goes on where the store is away", async () => {
    const clock = fakeClock();
    let tries = 0;
    const board: ClockBoard = {
      say: () => Promise.reject(new Error(`away ${tries++}`)),
      follow: (_onSaid, signal) => clock.sleep(1e9, signal),
    };
    const stop = new AbortController();
    const one = compareClocks({ serverId: "a", board, clock, log: silentLog });
    const running = one.run(stop.signal);

    await clock.advance(10_000);

    expect([tries, one.standing()]).toEqual([4, { differenceMs: 0, servers: 1 }]);
    stop.abort();
    await running;
  });
});
