import { RigError } from "../domain/errors.ts";
import type { OwnershipLease } from "../services/coordination.ts";
import type { Etcd } from "./client.ts";
import { absent, get, type KeyValue, type LeaseGuard, put, unchanged } from "./operation.ts";
import type { KeepAliveStream } from "./streams.ts";

/** The one lease that all keys of this process hang on. */
export interface ProcessLease extends OwnershipLease {
  readonly processId: string;
  /** What guards a leased put. @throws RigError LEASE_LOST while the lease is lost or in doubt */
  guard(): LeaseGuard;
  /** `<processId>/<number>`: never the same twice, so that a value tells whose it is. */
  token(): string;
  /** Somebody met LEASE_LOST: ask etcd now, not at the next beat. */
  suspect(): void;
  /** Stops keeping it alive and revokes it: all keys on it go. Resolves when that is done, or etcd did not answer. */
  close(): Promise<void>;
}

/** What became of the lease; for the log. */
export type LeaseNews = "held" | "in doubt" | "lost" | "granted again" | "put back";

export interface ProcessLeaseOptions {
  /** Unique to this process's life; an agent's begins with `<agentId>:`, which its etcd role allows. */
  readonly processId: string;
  readonly onNews?: (news: LeaseNews) => void;
  readonly ttlSeconds?: number;
}

const TTL_SECONDS = 8;

/**
 * Takes a lease and keeps it until `close`. A lease that was lost is replaced, and those who asked by `onRegranted` put
 * their keys back.
 * @throws RigError ETCD_UNREACHABLE where the first one cannot be had
 */
export async function openProcessLease(etcd: Etcd, options: ProcessLeaseOptions): Promise<ProcessLease> {
  const lease = new HeldLease(etcd, options);
  await lease.open();
  return lease;
}

class HeldLease implements ProcessLease {
  readonly processId: string;
  readonly #etcd: Etcd;
  readonly #ttlMs: number;
  readonly #onNews: (news: LeaseNews) => void;
  readonly #stop = new AbortController();
  readonly #putBacks = new Set<() => Promise<void>>();
  #guard: LeaseGuard | null = null;
  /** Monotonic time of the last question that etcd answered with a yes: from then on it gives a full TTL. */
  #surelyAskedAt = Number.NEGATIVE_INFINITY;
  #stream: KeepAliveStream | null = null;
  /** Ends the wait of the moment, be it for the next beat or for an answer. */
  #wait = new AbortController();
  #pausing = false;
  #mustPutBack = false;
  #tokens = 0;
  #doubted = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(etcd: Etcd, { processId, onNews = () => {}, ttlSeconds = TTL_SECONDS }: ProcessLeaseOptions) {
    this.#etcd = etcd;
    this.processId = processId;
    this.#ttlMs = ttlSeconds * 1_000;
    this.#onNews = onNews;
  }

  async open(): Promise<void> {
    await this.#grant();
    this.#onNews("held");
    this.#loop = this.#keep();
  }

  isSure(): boolean {
    const silentMs = this.#etcd.clock.monotonic() - this.#surelyAskedAt;
    return this.#guard !== null && silentMs < this.#ttlMs * DOUBT_AFTER;
  }

  guard(): LeaseGuard {
    if (this.#guard && this.isSure()) return this.#guard;
    throw new RigError("LEASE_LOST", "etcd: this process's lease is lost or in doubt", {
      hint: "Tried again by itself as soon as etcd answers.",
    });
  }

  onRegranted(putBack: () => Promise<void>): () => void {
    this.#putBacks.add(putBack);
    return () => this.#putBacks.delete(putBack);
  }

  token(): string {
    this.#tokens += 1;
    return `${this.processId}/${this.#tokens}`;
  }

  suspect(): void {
    if (this.#pausing) this.#wait.abort();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#wait.abort();
    await this.#loop;
    this.#stream?.end();
    const leaseId = this.#guard?.leaseId;
    this.#guard = null;
    // An etcd that is away cannot be told; the lease runs out by itself.
    if (leaseId !== undefined) await this.#etcd.revokeLease(leaseId).catch(() => {});
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#pause();
      if (signal.aborted) return;
      try {
        await this.#beat();
      } catch {
        // Etcd is away: the next beat asks again, and doubt comes by the clock.
      }
      this.#tellDoubt();
    }
  }

  async #beat(): Promise<void> {
    if (this.#guard && !(await this.#renew(this.#guard.leaseId))) {
      this.#guard = null;
      this.#mustPutBack = true;
      this.#onNews("lost");
    }
    if (!this.#guard) {
      await this.#grant();
      this.#onNews("granted again");
    }
    if (!this.#mustPutBack) return;
    for (const putBack of this.#putBacks) await putBack();
    this.#mustPutBack = false;
    this.#onNews("put back");
  }

  /** Takes a lease and puts `alive/<processId>` on it, whose revision is the guard from now on. */
  async #grant(): Promise<void> {
    const askedAt = this.#etcd.clock.monotonic();
    const { leaseId } = await this.#etcd.grantLease(this.#ttlMs / 1_000);
    const aliveKey = this.#etcd.keys.alive(this.processId);
    const aliveRevision = await this.#putAlive(aliveKey, leaseId);
    this.#guard = { leaseId, aliveKey, aliveRevision };
    this.#surelyAskedAt = askedAt;
    this.#doubted = false;
  }

  async #putAlive(key: string, leaseId: string): Promise<number> {
    const present = await this.#etcd.get(key);
    const revision = await this.#etcd.commit<number | null>({
      what: "say that this process lives",
      when: [present ? unchanged(present) : absent(key)],
      apply: [put(key, Buffer.from(leaseId), leaseId)],
      otherwise: [get(key)],
      answer: (outcome) => (outcome.succeeded ? outcome.revision : onLease(outcome.found[0] ?? null, leaseId)),
      settle: async (read) => {
        const value = onLease(await read(key), leaseId);
        return value === null ? { was: "not applied" } : { was: "applied", value };
      },
    });
    if (revision === null) throw new RigError("CONFLICT", `etcd: another process calls itself ${this.processId}`);
    return revision;
  }

  /** True where the lease lives; waits for the answer no longer than until the next beat. Rejects where none came. */
  async #renew(leaseId: string): Promise<boolean> {
    const askedAt = this.#etcd.clock.monotonic();
    const ttlSeconds = await this.#ask(leaseId);
    if (ttlSeconds <= 0) return false;
    this.#surelyAskedAt = askedAt;
    this.#doubted = false;
    return true;
  }

  async #ask(leaseId: string): Promise<number> {
    const waitMs = this.#ttlMs / BEATS;
    this.#wait = new AbortController();
    const tooLate = this.#etcd.clock.sleep(waitMs, this.#wait.signal).then(() => {
      throw new RigError("ETCD_UNREACHABLE", `etcd: no answer to a keep-alive within ${waitMs} ms`);
    });
    try {
      return await Promise.race([this.#askOnStream(leaseId), tooLate]);
    } catch (error) {
      this.#stream?.end(); // the next beat opens another, perhaps to another member
      this.#stream = null;
      throw error;
    } finally {
      this.#wait.abort();
    }
  }

  async #askOnStream(leaseId: string): Promise<number> {
    const stream = this.#stream ?? (await this.#etcd.keepAlive());
    this.#stream = stream;
    return await new Promise((resolve, reject) => {
      stream.onAnswer = (id, ttlSeconds) => id === leaseId && resolve(ttlSeconds);
      stream.onEnd = reject;
      stream.ask(leaseId);
    });
  }

  #tellDoubt(): void {
    if (this.#doubted || this.isSure()) return;
    this.#doubted = true;
    this.#onNews("in doubt");
  }

  /** Until the next beat, or until somebody suspects a loss. */
  async #pause(): Promise<void> {
    this.#wait = new AbortController();
    this.#pausing = true;
    await this.#etcd.clock.sleep(this.#ttlMs / BEATS, this.#wait.signal);
    this.#pausing = false;
  }
}

/** The revision of a key that hangs on this lease; null for any other. */
const onLease = (entry: KeyValue | null, leaseId: string): number | null =>
  entry?.leaseId === leaseId ? entry.modRevision : null;

const BEATS = 4; // questions in one TTL: two may go astray before there is doubt
const DOUBT_AFTER = 0.75; // of the TTL without a yes: 6 of 8 s, so that the owner doubts before etcd lets go
