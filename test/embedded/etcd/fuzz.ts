import { isDeepStrictEqual } from "node:util";
import { until } from "../../support/until.ts";
import type { Message, RawClient, RawStream } from "./raw-client.ts";

/** A small seeded generator (mulberry32); the same seed gives the same run. */
export function seeded(seed: number) {
  let state = seed >>> 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(random() * n);
  return {
    below,
    chance: (probability: number): boolean => random() < probability,
    pick: <T>(items: readonly T[]): T => items[below(items.length)] as T,
  };
}

type Dice = ReturnType<typeof seeded>;

const KEYS = ["a", "a/", "a/1", "a/2", "b", "b\0", "c", "c/\xff", "\0", "\xff"].map((key) =>
  Buffer.from(key, "latin1"),
);
const ENDS = [...KEYS, Buffer.from("\0"), Buffer.from("d"), Buffer.from("a0")];
const VALUES = ["", "x", "y", "\xff\0", "longer value"].map((value) => Buffer.from(value, "latin1"));
const LEASES = ["101", "102", "9223372036854775807", "404"];

// compares by their numbers in rpc.proto: the create revision; equal or greater
const CREATED = 1;
const IS = [0, 1];

/** One call for both stores. */
interface Call {
  readonly path: string;
  readonly request: object;
  /** How the answers may differ and still be the same. */
  readonly unordered?: boolean;
}

/** Makes random calls that lean on few keys, so that they meet. `revision` is the store's by now. */
export function randomCall(dice: Dice, revision: number): Call {
  const kind = dice.below(100);
  if (kind < 25) return { path: "KV.Put", request: put(dice) };
  if (kind < 45) return range(dice, revision);
  if (kind < 55) return { path: "KV.DeleteRange", request: remove(dice) };
  if (kind < 80) return { path: "KV.Txn", request: txn(dice, revision, 2) };
  if (kind < 90) return { path: "KV.Txn", request: conflictingParts(dice) };
  if (kind < 93) return { path: "Lease.LeaseGrant", request: { ID: dice.pick(LEASES), TTL: 3_600 } };
  if (kind < 96) return { path: "Lease.LeaseRevoke", request: { ID: dice.pick(LEASES) } };
  if (kind < 98) return { path: "Lease.LeaseTimeToLive", request: { ID: dice.pick(LEASES), keys: true } };
  return { path: "KV.Compact", request: { revision: Math.max(1, revision - dice.below(40) + 2) } };
}

const span = (dice: Dice) => ({
  key: dice.chance(0.02) ? Buffer.alloc(0) : dice.pick(KEYS),
  ...(dice.chance(0.4) ? { range_end: dice.pick(ENDS) } : {}),
});

const put = (dice: Dice) => ({
  key: dice.chance(0.02) ? Buffer.alloc(0) : dice.pick(KEYS),
  value: dice.pick(VALUES),
  ...(dice.chance(0.3) ? { lease: dice.pick(LEASES) } : {}),
  prev_kv: dice.chance(0.3),
  ...(dice.chance(0.1) ? { ignore_value: true, ...(dice.chance(0.8) ? { value: Buffer.alloc(0) } : {}) } : {}),
  ...(dice.chance(0.1) ? { ignore_lease: true, ...(dice.chance(0.8) ? { lease: 0 } : {}) } : {}),
});

const remove = (dice: Dice) => ({ ...span(dice), prev_kv: dice.chance(0.4) });

const near = (dice: Dice, revision: number): number => Math.max(0, revision + 3 - dice.below(30));

function range(dice: Dice, revision: number): Call {
  const target = dice.chance(0.3) ? dice.below(5) : 0;
  const bound = (name: string) => (dice.chance(0.1) ? { [name]: near(dice, revision) } : {});
  const request = {
    ...span(dice),
    ...(dice.chance(0.3) ? { revision: near(dice, revision) } : {}),
    ...(dice.chance(0.4) ? { sort_order: dice.below(3) } : {}),
    sort_target: target,
    // etcd's sort is not stable: with equal targets a limit may cut elsewhere
    ...(target === 0 && dice.chance(0.4) ? { limit: dice.below(4) } : {}),
    keys_only: dice.chance(0.1),
    count_only: dice.chance(0.1),
    serializable: dice.chance(0.2),
    ...bound("min_mod_revision"),
    ...bound("max_mod_revision"),
    ...bound("min_create_revision"),
    ...bound("max_create_revision"),
  };
  return { path: "KV.Range", request, unordered: target !== 0 };
}

function compare(dice: Dice, revision: number) {
  const target = dice.below(5);
  const number = dice.below(3);
  const values = [
    { version: number },
    { create_revision: near(dice, revision) },
    { mod_revision: near(dice, revision) },
    { value: dice.pick(VALUES) },
    { lease: dice.pick([...LEASES, "0"]) },
  ];
  return { ...span(dice), result: dice.below(4), target, ...(dice.chance(0.95) ? values[target] : {}) };
}

/** @param deletes where not, puts may ignore value or lease: etcd dies of a put that needs what its transaction deleted */
function operation(dice: Dice, revision: number, depth: number, deletes: boolean): object {
  const kind = dice.below(100);
  if (kind < 45)
    return { request_put: deletes ? { ...put(dice), ignore_value: false, ignore_lease: false } : put(dice) };
  if (kind < 65) {
    const { request, unordered } = range(dice, revision);
    return { request_range: unordered ? { ...request, sort_target: 0 } : request };
  }
  if (kind < 78 && deletes) return { request_delete_range: remove(dice) };
  if (kind < 99 && depth > 0) return { request_txn: txn(dice, revision, depth - 1, deletes) };
  return kind === 99 ? {} : { request_range: span(dice) };
}

const several = <T>(dice: Dice, most: number, make: () => T): T[] => Array.from({ length: dice.below(most + 1) }, make);

const txn = (dice: Dice, revision: number, depth: number, deletes = dice.chance(0.7)): object => ({
  compare: several(dice, 2, () => compare(dice, revision)),
  success: several(dice, 3, () => operation(dice, revision, depth, deletes)),
  failure: several(dice, 2, () => operation(dice, revision, depth, deletes)),
});

/**
 * An outer transaction of parts that share one or two keys, as a group commit that ignored conflicts would send: each part
 * compares on what stood before the outer one; etcd lets some of these through and refuses others as duplicates.
 */
function conflictingParts(dice: Dice): object {
  const [x, y] = [dice.pick(KEYS), dice.pick(KEYS)];
  const write = (key: Buffer) =>
    dice.chance(0.7)
      ? { request_put: { key, value: dice.pick(VALUES), prev_kv: dice.chance(0.3) } }
      : { request_delete_range: { key, prev_kv: dice.chance(0.3), ...(dice.chance(0.3) ? { range_end: y } : {}) } };
  const part = () => {
    const [compared, written] = dice.chance(0.5) ? [x, y] : [y, x];
    const key = dice.chance(0.3) ? compared : written;
    return {
      request_txn: {
        compare: [{ key: compared, target: CREATED, result: dice.pick(IS), create_revision: 0 }],
        success: [write(key)],
        failure: dice.chance(0.5) ? [{ request_range: { key } }] : [write(dice.pick([x, y]))],
      },
    };
  };
  return { success: Array.from({ length: 2 + dice.below(3) }, part) };
}

/** A call's answer or its error, without what names the member. */
export async function outcome(client: RawClient, { path, request, unordered }: Call): Promise<Message> {
  try {
    const response = normal(await client.call(path, request));
    if (unordered) response.kvs.sort((a: Message, b: Message) => Buffer.compare(a.key, b.key));
    response.keys?.sort(Buffer.compare);
    // seconds left: which of two it is depends on the moment
    if (path === "Lease.LeaseTimeToLive" && Number(response.TTL) > 0) response.TTL = "some";
    return response;
  } catch (error) {
    const { code, details } = error as Message;
    return { code, details };
  }
}

/** A copy without the fields that name a member, with nothing where a list or message is empty. */
export function normal(message: Message): Message {
  if (Buffer.isBuffer(message) || typeof message !== "object" || message === null) return message;
  if (Array.isArray(message)) return message.map(normal);
  const entries = Object.entries(message).filter(
    ([field, value]) => !["cluster_id", "member_id", "raft_term", "version_string"].includes(field) && value !== null,
  );
  return Object.fromEntries(entries.map(([field, value]) => [field, normal(value)]));
}

/** The same watch on both stores, and what came. */
export interface WatchPair {
  readonly wish: object;
  readonly streams: readonly [RawStream, RawStream];
}

const NONE_LAGS = /^etcd_debugging_mvcc_slow_watcher_total 0$/m;

/**
 * Waits until no watch of this etcd lags behind: it looks for those every 100 ms, and a compaction in between is a race that
 * it may lose. Ours catches up within a turn of the event loop.
 */
export async function caughtUp(endpoint: string): Promise<void> {
  const noneLags = async () => NONE_LAGS.test(await (await fetch(`http://${endpoint}/metrics`)).text());
  await until(noneLags, { what: "etcd's watches have caught up" });
}

/**
 * Begins the same random watch on both; never at the revision that was compacted last, whose deletes we keep for a watch
 * that starts there, and etcd does not.
 */
export async function watchBoth(
  dice: Dice,
  { revision, compacted }: { revision: number; compacted: number },
  clients: readonly [RawClient, RawClient],
): Promise<WatchPair> {
  const start = Math.max(1, near(dice, revision));
  const wish = {
    ...span(dice),
    ...(dice.chance(0.5) ? { start_revision: start === compacted ? start + 1 : start } : {}),
    filters: dice.chance(0.2) ? [dice.below(2)] : [],
    prev_kv: dice.chance(0.5),
    ...(dice.chance(0.2) ? { watch_id: 7 } : {}),
  };
  const streams = clients.map((client) => {
    const stream = client.watch();
    stream.write({ create_request: wish });
    return stream;
  }) as unknown as [RawStream, RawStream];
  for (const stream of streams) await stream.message(0);
  return { wish, streams };
}

/**
 * What a watch said, in a form that two stores must agree on: who it is, how it ended, and the events of each revision.
 * How a catch-up is cut into messages is the store's own choice.
 */
export function toldBy({ messages }: RawStream): Message {
  const [created, ...rest] = messages;
  const canceled = messages.find((message) => message.canceled);
  const events = rest.flatMap((message) => message.events).map(normal);
  return {
    created: created && { id: created.watch_id, created: created.created, canceled: created.canceled },
    canceled: canceled && { reason: canceled.cancel_reason, compactRevision: canceled.compact_revision },
    events,
  };
}

/** Waits until both have said the same, for a while; then whatever they said is compared. */
export async function settle({ streams: [a, b] }: WatchPair): Promise<[Message, Message]> {
  await until(() => isDeepStrictEqual(toldBy(a), toldBy(b)), { limitMs: 20_000 }).catch(() => {});
  return [toldBy(a), toldBy(b)];
}
