import { isRigError } from "../../src/domain/errors.ts";
import type { Etcd } from "../../src/etcd/client.ts";
import { inform } from "../../src/etcd/informer.ts";
import { absent, get, type KeyValue, type Operation, put, unchanged } from "../../src/etcd/operation.ts";
import type { WatchEvent } from "../../src/etcd/watch-message.ts";

/** What one caller was told about one write of its own. */
export interface Told {
  readonly value: string;
  /** `true` applied, `false` refused by its compare, else the error's code. */
  readonly answer: boolean | string;
  readonly tookMs: number;
}

/** One event as the store's history or an informer has it. */
export interface Happening {
  readonly key: string;
  readonly value: string;
  readonly revision: number;
}

/** Writers that each go on from value to value of a key of their own, and an informer that follows them. */
export interface SteadyLoad {
  readonly told: readonly Told[];
  readonly informed: readonly Happening[];
  /** Lets each writer end its write, waits until the informer knows the last value of each key, and stops it. */
  stop(): Promise<void>;
}

const PAUSE_MS = 5; // between the writes of one writer: steady, and room for others on this machine

/** Starts an informer over `watching`, and once it has listed so many writers under `folder`. */
export async function steadyLoad(etcd: Etcd, watching: Etcd, folder: string, writers = 8): Promise<SteadyLoad> {
  const stopped = new AbortController();
  const informerStopped = new AbortController();
  const told: Told[] = [];
  const informed: Happening[] = [];
  const last = new Map<string, string>();
  let listed = () => {};
  const listing = new Promise<void>((resolve) => {
    listed = resolve;
  });
  const following = inform(
    watching,
    folder,
    {
      onPut: ({ key, value, modRevision }) => {
        informed.push({ key, value: value.toString(), revision: modRevision });
        last.set(key, value.toString());
      },
      onListed: listed,
    },
    informerStopped.signal,
  );
  await listing;
  const writing = Array.from({ length: writers }, (_, n) => write(etcd, `${folder}w${n}`, told, stopped.signal));
  return {
    told,
    informed,
    async stop() {
      stopped.abort();
      await Promise.all(writing);
      const { entries } = await etcd.list(folder);
      const isCurrent = () => entries.every(({ key, value }) => last.get(key) === value.toString());
      for (let waitedMs = 0; !isCurrent() && waitedMs < 30_000; waitedMs += 50) await pause(50);
      informerStopped.abort();
      await following;
    },
  };
}

/** Writes value after value, each over the one before: `<number>`, never the same twice. */
async function write(etcd: Etcd, key: string, told: Told[], signal: AbortSignal): Promise<void> {
  let present: KeyValue | null = null;
  for (let number = 1; !signal.aborted; number++) {
    const value = String(number);
    const startedAt = performance.now();
    const answer = await etcd.commit(replace(key, present, value)).catch((error) => {
      if (!isRigError(error)) throw error;
      return error.code;
    });
    told.push({ value: `${key}=${value}`, answer, tookMs: performance.now() - startedAt });
    await pause(PAUSE_MS);
    const found = await etcd.get(key).catch(() => undefined); // away: the compare of before stands or fails by itself
    if (found !== undefined) present = found;
  }
}

const replace = (key: string, present: KeyValue | null, value: string): Operation<boolean> => ({
  what: "write on",
  when: [present ? unchanged(present) : absent(key)],
  apply: [put(key, Buffer.from(value))],
  otherwise: [get(key)],
  answer: ({ succeeded, found }) => succeeded || found[0]?.value.toString() === value,
  settle: async (read) => {
    const found = await read(key);
    if (found?.value.toString() === value) return { was: "applied", value: true };
    return (found?.modRevision ?? 0) === (present?.modRevision ?? 0) ? { was: "not applied" } : { was: "lost" };
  },
});

const pause = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms));

/** What the store itself says happened under `folder` from a revision on, up to now. Rejects where that was compacted away. */
export async function historyOf(etcd: Etcd, folder: string, fromRevision = 1): Promise<Happening[]> {
  const { entries } = await etcd.list(folder);
  const newest = Math.max(0, ...entries.map((entry) => entry.modRevision));
  if (newest < fromRevision) return [];
  const history: Happening[] = [];
  await new Promise<void>((resolve, reject) => {
    const onEvents = (events: readonly WatchEvent[]) => {
      for (const { entry } of events)
        history.push({ key: entry.key, value: entry.value.toString(), revision: entry.modRevision });
      if ((history.at(-1)?.revision ?? 0) < newest) return;
      void opened.then((stream) => stream.end());
      resolve();
    };
    const onEnd = ({ error }: { error: unknown }) => reject(error);
    const opened = etcd.watch({ prefix: folder, fromRevision, onEvents, onEnd });
    opened.catch(reject);
  });
  return history;
}
