import type { Etcd } from "./client.ts";
import { inform } from "./informer.ts";
import { fromJson, toJson } from "./json-value.ts";
import type { LeasedOperation } from "./leased.ts";
import { absent, get, type KeyValue, type Operation, put, remove, unchanged } from "./operation.ts";

/** One duty's key, as an informer sees it. */
export class DutySeat {
  readonly key: string;
  readonly #etcd: Etcd;
  #holder: KeyValue | null = null;
  /** The last revision at which somebody took it, and whether it fell free since. */
  #seenRevision = 0;
  #bell = new AbortController();

  constructor(etcd: Etcd, key: string) {
    this.#etcd = etcd;
    this.key = key;
  }

  get taken(): boolean {
    return this.#holder !== null;
  }

  /** True once the informer has seen the end of the term that began at this revision. */
  lostSince(term: number): boolean {
    return this.#seenRevision >= term && this.#holder?.modRevision !== term;
  }

  follow(signal: AbortSignal): { end(): Promise<void> } {
    const stop = new AbortController();
    const end = () => stop.abort();
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    const informed = {
      onPut: (entry: KeyValue) => this.#tell(entry.key, entry),
      onDelete: (key: string) => this.#tell(key, null),
    };
    const following = inform(this.#etcd, this.#etcd.keys.leaders, informed, stop.signal);
    return {
      async end() {
        end();
        signal.removeEventListener("abort", end);
        await following;
      },
    };
  }

  /** Waits for a change of the seat, `ms` at most. */
  async news(ms: number, signal: AbortSignal): Promise<void> {
    const bell = this.#bell;
    const ring = () => bell.abort();
    signal.addEventListener("abort", ring, { once: true });
    if (!signal.aborted) await this.#etcd.clock.sleep(ms, bell.signal);
    signal.removeEventListener("abort", ring);
    if (bell.signal.aborted && this.#bell === bell) this.#bell = new AbortController();
  }

  #tell(key: string, holder: KeyValue | null): void {
    if (key !== this.key) return;
    this.#holder = holder;
    this.#seenRevision = Math.max(this.#seenRevision, holder?.modRevision ?? 0);
    this.#bell.abort();
    this.#bell = new AbortController();
  }
}

/** Answers the revision of our term; null where another has the seat. */
export const takeSeat =
  (key: string, token: string) =>
  (leaseId: string): LeasedOperation<number | null> => ({
    what: "take a duty",
    when: [absent(key)],
    apply: [put(key, toJson({ token }), leaseId)],
    otherwise: [get(key)],
    answer: ({ succeeded, revision, found }) => (succeeded ? revision : ownTerm(found[0] ?? null, token)),
    settle: async (read) => {
      const value = ownTerm(await read(key), token);
      return value === null ? { was: "not applied" } : { was: "applied", value };
    },
  });

/** A seat with our token is ours: the answer that said so went astray. */
const ownTerm = (holder: KeyValue | null, token: string): number | null =>
  holder && fromJson(holder.value)?.token === token ? holder.modRevision : null;

/** Gives the seat back, where it is still the same term. Safe to repeat. */
export const leaveSeat = (seat: Pick<KeyValue, "key" | "modRevision">): Operation<void> => ({
  what: "leave a duty",
  when: [unchanged(seat)],
  apply: [remove(seat.key)],
  answer: () => {},
  settle: async (read) =>
    (await read(seat.key))?.modRevision === seat.modRevision
      ? { was: "not applied" }
      : { was: "applied", value: undefined },
});
