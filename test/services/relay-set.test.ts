import { describe, expect, it } from "vitest";
import type { RelayStatus } from "../../src/domain/relay.ts";
import { relaySet } from "../../src/services/relay-set.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { fakePush, someTarget } from "../support/fake-push.ts";

const one = someTarget({ id: "one" });
const two = someTarget({ id: "two" });

function openSet({ stubborn = false } = {}) {
  const clock = fakeClock();
  const fake = fakePush({ stubborn });
  const changes: RelayStatus[] = [];
  const relays = relaySet({
    publishId: "p",
    pullUrl: (relayId) => `rtmp://127.0.0.1/live/p?relay=${relayId}`,
    clock,
    random: () => 0,
    push: fake.push,
    changed: (status) => void changes.push(status),
  });
  const states = () => Object.fromEntries(relays.statuses().map(({ destinationId, state }) => [destinationId, state]));
  return { ...fake, clock, relays, states, changes, settle: () => clock.advance(0) };
}

describe("relaySet", () => {
  it("starts one relay for each enabled destination and pulls under its own name", async () => {
    const set = openSet();

    set.relays.apply([one, two, someTarget({ id: "off", enabled: false })]);
    await set.settle();

    expect(set.states()).toEqual({ one: "starting", two: "starting" });
    expect(set.tries.map(({ order }) => order.pullUrl)).toEqual([
      "rtmp://127.0.0.1/live/p?relay=one",
      "rtmp://127.0.0.1/live/p?relay=two",
    ]);
    await set.relays.stop();
  });

  it("stops a removed and a disabled one and leaves the others alone", async () => {
    const set = openSet();
    set.relays.apply([one, two, someTarget({ id: "three" })]);
    await set.settle();

    set.relays.apply([one, someTarget({ id: "three", enabled: false, revision: 2 })]);
    await set.settle();

    expect(set.states()).toEqual({ one: "starting" });
    expect(set.tries.map((each) => each.over)).toEqual([false, true, true]);
    await set.relays.stop();
  });

  it("keeps the slot of a removed relay until its process has ended", async () => {
    const set = openSet({ stubborn: true });
    set.relays.apply([one]);
    await set.settle();

    set.relays.apply([]);
    await set.settle();
    expect(set.states()).toEqual({ one: "starting" });

    set.last().end(null);
    await set.settle();
    expect(set.states()).toEqual({});
  });

  it("restarts only a relay whose destination was edited, after its predecessor has ended", async () => {
    const set = openSet({ stubborn: true });
    set.relays.apply([one, two]);
    await set.settle();

    set.relays.apply([someTarget({ id: "one", revision: 2, url: "rtmp://other.example/app" }), two]);
    await set.settle();
    expect(set.tries).toHaveLength(2);

    set.tries[0]!.end(null);
    await set.settle();
    expect(set.tries).toHaveLength(3);
    expect(set.last().order.target.destination.url).toBe("rtmp://other.example/app");
    expect(set.changes.map(({ state }) => state)).not.toContain("stopped");
    expect(set.tries[1]!.signal.aborted).toBe(false);
    for (const each of set.tries) each.end(null);
    await set.relays.stop();
  });

  it("waits for the old process where a destination is disabled and enabled at once", async () => {
    const set = openSet({ stubborn: true });
    set.relays.apply([one]);
    await set.settle();

    set.relays.apply([]);
    set.relays.apply([someTarget({ id: "one", revision: 3 })]);
    await set.settle();
    expect(set.tries).toHaveLength(1);

    set.last().end(null);
    await set.settle();
    expect(set.tries).toHaveLength(2);
    expect(set.states()).toEqual({ one: "starting" });
    set.last().end(null);
    await set.relays.stop();
  });

  it("wakes the one whose retrySeq went up", async () => {
    const set = openSet();
    set.relays.apply([one, two]);
    await set.settle();
    for (const each of [...set.tries]) each.end("rejected");
    await set.settle();

    set.relays.apply([one, someTarget({ id: "two", retrySeq: 1 })]);
    await set.settle();

    expect(set.states()).toEqual({ one: "rejected", two: "starting" });
    await set.relays.stop();
  });

  it("adds up usage over tries, edits and removals", async () => {
    const set = openSet();
    set.relays.apply([one, two]);
    await set.settle();
    set.tries[0]!.progress(1000, { egressSeconds: 1 });
    set.tries[0]!.end("closed", { egressBytes: 1500, egressSeconds: 2 });
    await set.clock.advance(1000);
    set.last().progress(10, { egressSeconds: 0.5 });
    set.tries[1]!.progress(7, { egressSeconds: 3 });

    set.relays.apply([]);
    await set.settle();

    expect(set.relays.usage()).toEqual([
      { destinationId: "one", egressBytes: 1510, egressSeconds: 2.5 },
      { destinationId: "two", egressBytes: 7, egressSeconds: 3 },
    ]);
  });

  it("shows the bytes of all tries of a destination, also after an edit", async () => {
    const set = openSet();
    set.relays.apply([one]);
    await set.settle();
    set.last().progress(1000);
    set.relays.apply([someTarget({ id: "one", revision: 2 })]);
    await set.settle();
    set.last().progress(1);

    expect(set.relays.statuses()).toMatchObject([{ state: "pushing", egressBytes: 1001 }]);
    await set.relays.stop();
  });

  it("tells of each new state, not of each second of progress", async () => {
    const set = openSet();
    set.relays.apply([one]);
    await set.settle();
    for (const bytes of [10, 20, 30]) set.last().progress(bytes);
    await set.relays.stop();

    expect(set.changes.map(({ state }) => state)).toEqual(["starting", "pushing", "stopped"]);
  });

  it("resolves stop only when the last process has ended, and starts nothing after it", async () => {
    const set = openSet({ stubborn: true });
    set.relays.apply([one]);
    await set.settle();
    let over = false;

    const stopped = set.relays.stop().then(() => {
      over = true;
    });
    await set.settle();
    expect(over).toBe(false);

    set.last().end(null);
    await stopped;
    set.relays.apply([one, two]);
    await set.settle();
    expect(set.states()).toEqual({ one: "stopped" });
    await set.relays.stop();
  });
});
