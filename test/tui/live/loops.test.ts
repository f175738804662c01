import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import type { StreamStatus } from "../../../src/domain/live.ts";
import { poll } from "../../../src/tui/live/loops.ts";
import type { LiveEvent } from "../../../src/tui/live/update.ts";
import { fakeClock } from "../../support/fake-clock.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

it("loads, pauses and loads again until aborted, and tells of a load that failed", async () => {
  const stop = new AbortController();
  const events: LiveEvent<readonly StreamStatus[]>[] = [];
  let loads = 0;
  const load = async () => {
    loads += 1;
    if (loads === 2) throw new Error("etcd is away");
    return [];
  };
  const pause = async () => {
    if (loads === 3) stop.abort();
  };

  await poll({ load, clock: fakeClock() }, (event) => void events.push(event), pause, stop.signal);

  expect(events.map(({ kind }) => kind)).toEqual(["loaded", "load failed", "loaded"]);
});

it("ends at once though a load hangs", async () => {
  const stop = new AbortController();
  const polling = poll(
    { load: () => new Promise(() => {}), clock: fakeClock() },
    () => expect.unreachable(),
    async () => {},
    stop.signal,
  );

  stop.abort();

  await polling;
});

it("keeps none of the statuses of before, as long as it runs", async () => {
  const stop = new AbortController();
  const loaded: WeakRef<readonly StreamStatus[]>[] = [];
  const load = async () => {
    const statuses: readonly StreamStatus[] = [];
    loaded.push(new WeakRef(statuses));
    return statuses;
  };
  let whileRunning = -1;
  const pause = async () => {
    if (loaded.length < 50) return;
    await turn();
    collectGarbage();
    whileRunning = loaded.filter((ref) => ref.deref() !== undefined).length;
    stop.abort();
  };

  await poll({ load, clock: fakeClock() }, () => {}, pause, stop.signal);

  expect(whileRunning).toBeLessThan(5); // the last ones may still be held
});
