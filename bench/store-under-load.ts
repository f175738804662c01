import { inProcessTransport } from "../src/embedded/etcd/in-process.ts";
import { openEmbeddedStore } from "../src/embedded/etcd/store.ts";
import { systemClock } from "../src/runtime/clock.ts";

/*
 * The embedded store alone in a process of its own, under one load: `node store-under-load.js FOLDER LOAD NUMBER`. It tells
 * the CPU time until it was open, and then what it measured, to whoever started it, and ends once that one has gone.
 */

/** Loads, and what each answers. */
export interface StoreLoads {
  /** Puts so many keys of 100 bytes, unless they are there. */
  readonly keys: { readonly residentMib: number; readonly peakMib: number; readonly ms: number };
  /** Rewrites keys for so many seconds with 64 in flight; one snapshot after the other is written in the second half. */
  readonly snapshots: { readonly without: Stalls; readonly during: Stalls; readonly snapshots: number };
  /** Lets so many watch a key or a prefix each, and one more key by all. */
  readonly watchers: { readonly toldMs: number; readonly residentMib: number };
}

export interface Stalls {
  /** The longest that the event loop was busy, or the process did not get to run. */
  readonly gapMs: number;
  /** The same, but no more than the CPU time that the process got meanwhile: what is the store's own doing. */
  readonly busyMs: number;
  readonly puts: number;
}

const MIB = 1_024 * 1_024;
const IN_FLIGHT = 64;
const VALUE = Buffer.alloc(100, "v");
const [folder = "", load = "", number = "0"] = process.argv.slice(2);
const COUNT = Number(number);

const store = await openEmbeddedStore({ folder, clock: systemClock });
const client = inProcessTransport(store);
const keyOf = (index: number): Buffer => Buffer.from(`/bench/keys/${String(index).padStart(8, "0")}`);
const put = (index: number) => client.exec("KV", "put", { key: keyOf(index), value: VALUE });
const residentMib = (): number => process.memoryUsage().rss / MIB;

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** Puts with 64 in flight until there is no next one. */
async function putAll(next: () => number | null): Promise<void> {
  const writer = async () => {
    for (let index = next(); index !== null; index = next()) await put(index);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, writer));
}

async function fill(keys: number): Promise<void> {
  const { count } = (await client.exec("KV", "range", {
    ...{ key: Buffer.from("/"), range_end: Buffer.from("0"), count_only: true },
  })) as { count: string };
  let index = Number(count);
  await putAll(() => (index < keys ? index++ : null));
}

/** Watches the event loop by a timer of 1 ms. */
function watchLoop(): () => Omit<Stalls, "puts"> {
  let [gapMs, busyMs] = [0, 0];
  let [at, cpuAt] = [performance.now(), cpuMs()];
  const timer = setInterval(() => {
    const [now, cpuNow] = [performance.now(), cpuMs()];
    gapMs = Math.max(gapMs, now - at);
    busyMs = Math.max(busyMs, Math.min(now - at, cpuNow - cpuAt));
    [at, cpuAt] = [now, cpuNow];
  }, 1);
  return () => {
    clearInterval(timer);
    return { gapMs, busyMs };
  };
}

async function rewriteFor(ms: number): Promise<Stalls> {
  const until = performance.now() + ms;
  const stop = watchLoop();
  let puts = 0;
  await putAll(() => (performance.now() < until ? (puts++ * 7_919) % 100_000 : null));
  return { ...stop(), puts };
}

const LOADS: { [L in keyof StoreLoads]: () => Promise<StoreLoads[L]> } = {
  async keys() {
    const startedAt = performance.now();
    await fill(COUNT);
    const peakMib = process.resourceUsage().maxRSS / 1_024;
    return { residentMib: residentMib(), peakMib, ms: performance.now() - startedAt };
  },
  async snapshots() {
    await fill(100_000);
    const halfMs = COUNT * 500;
    await rewriteFor(2_000); // warm
    const without = await rewriteFor(halfMs);
    let [done, snapshots] = [false, 0];
    const writing = rewriteFor(halfMs).finally(() => {
      done = true;
    });
    for (; !done; snapshots++) await client.exec("Maintenance", "defragment", {});
    return { without, during: await writing, snapshots };
  },
  async watchers() {
    const everybody = Buffer.from("/everybody");
    let [told, created] = [0, 0];
    const stream = (await client.getConnection("Watch")).client.watch();
    stream.on("error", () => {}); // it ends with the store
    await new Promise<void>((ready) => {
      stream.on("data", ({ created: isNew, events }: { created: boolean; events: unknown[] }) => {
        if (isNew && ++created === 2 * COUNT) ready();
        told += events.length;
      });
      for (let n = 0; n < COUNT; n++) {
        const range_end = Buffer.from(`/own/${n}0`);
        stream.write({ create_request: { key: Buffer.from(`/own/${n}/`), ...(n % 2 ? { range_end } : {}) } });
        stream.write({ create_request: { key: everybody } });
      }
    });
    const startedAt = performance.now();
    await client.exec("KV", "put", { key: everybody, value: VALUE });
    while (told < COUNT) await new Promise<void>((turn) => setImmediate(turn));
    return { toldMs: performance.now() - startedAt, residentMib: residentMib() };
  },
};

process.once("disconnect", () => void store.close().then(() => process.exit()));
process.send?.(cpuMs());
if (load in LOADS) process.send?.(await LOADS[load as keyof StoreLoads]());
