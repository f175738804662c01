import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Etcd } from "../../src/etcd/client.ts";
import { etcdViewerSessions } from "../../src/etcd/viewer-sessions.ts";
import { sweepViewers, viewerSweeper } from "../../src/etcd/viewer-sweeper.ts";
import { create, sessionNamed } from "../services/viewer-store-contract.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { type RunningStore, STORES } from "../support/etcd-stores.ts";
import { etcdWorld } from "../support/etcd-world.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { silentLog } from "../support/silent-log.ts";
import { until } from "../support/until.ts";

const LIFE_MS = 90_000; // an expiry and a minute
const OPTIONS = { longestExpiryMs: 30_000, random: () => 0.99 };

describe.each(STORES)("the sweeper of viewer sessions on $name", ({ start }) => {
  const world = etcdWorld();
  let store: RunningStore | null;
  beforeAll(async () => {
    store = await start();
  });
  beforeEach((context) => {
    if (!store) context.skip();
  });
  afterAll(() => store?.close());

  /** Sessions, and a sweeper whose clock a test turns; its pauses take no time. */
  const open = (change: Partial<Etcd> = {}) => {
    const clock = { ...fakeClock(), sleep: async () => {} };
    const etcd = world.client(store!.client(etcdPrefix()));
    const sweeps: Etcd = { ...etcd, clock, ...change };
    const viewers = etcdViewerSessions(etcd);
    return {
      ...{ etcd, clock, sweeps, sweep: viewerSweeper(sweeps, OPTIONS, new AbortController().signal) },
      open: (...names: string[]) => Promise.all(names.map((name) => viewers.apply(sessionNamed(name), create()))),
      left: async () => (await etcd.list(etcd.keys.viewerSessions)).entries.length,
    };
  };
  const many = Array.from({ length: 200 }, (_, i) => `many ${i}`);

  it.each([
    ["few", {}],
    ["many", { count: async () => 5_000 }],
  ])("removes of %s what nobody has written for an expiry and a minute, and nothing else", async (_many, change) => {
    if ("count" in change && store?.endpoint !== null) return; // a thousand ranges, which take seconds over gRPC
    const { sweep, clock, open: add, left } = open(change);
    await add(...many);
    await sweep();
    await clock.advance(LIFE_MS - 1);
    await add("new", "many 7");

    await sweep();
    expect(await left()).toBe(201);
    await clock.advance(1);
    await sweep();
    expect(await left()).toBe(2);
    await clock.advance(LIFE_MS);
    await sweep();

    expect(await left()).toBe(0);
  });

  it("leaves a session alone that was written after it was found", async () => {
    const { etcd, sweeps, clock, open: add, left } = open();
    await add("ada", "bob");
    const late: Etcd = {
      ...sweeps,
      async list(...asked) {
        const listing = await etcd.list(...asked);
        if (listing.entries.length > 0) await add("ada");
        return listing;
      },
    };
    const sweep = viewerSweeper(late, OPTIONS, new AbortController().signal);

    await sweep();
    await clock.advance(LIFE_MS);
    await sweep();

    expect(await left()).toBe(1);
  });

  it("removes nothing of a store that was put back, until it knows its age", async () => {
    const { etcd, sweeps, clock, open: add, left } = open();
    await add("ada");
    let offset = 1_000_000;
    const put = viewerSweeper(
      {
        ...sweeps,
        async list(...asked) {
          const listing = await etcd.list(...asked);
          return { ...listing, revision: listing.revision + offset };
        },
      },
      OPTIONS,
      new AbortController().signal,
    );
    await put();
    await clock.advance(LIFE_MS);
    offset = 0;

    await put();
    expect(await left()).toBe(1);
    await clock.advance(LIFE_MS);
    await put();

    expect(await left()).toBe(0);
  });

  it("goes on after a store that was away, and ends when told to", async () => {
    const { etcd, sweeps, clock, open: add, left } = open();
    await add("ada");
    let asked = 0;
    const flaky: Etcd = {
      ...sweeps,
      clock: { ...clock, sleep: () => clock.advance(5_000).then(() => new Promise((done) => setImmediate(done))) },
      list: (...listed) => (asked++ < 3 ? Promise.reject(new Error("away")) : etcd.list(...listed)),
    };
    const stop = world.background((signal) => sweepViewers(flaky, { ...OPTIONS, log: silentLog }, signal));

    await until(async () => (await left()) === 0);

    stop.abort();
    expect(asked).toBeGreaterThan(3);
  });
});
