import { RigError } from "../domain/errors.ts";
import type { OwnershipLease } from "../services/coordination.ts";
import { putAliveKey } from "./alive-key.ts";
import type { Etcd } from "./client.ts";
import { KeepAlive } from "./keep-alive.ts";
import { LeaseChores } from "./lease-chores.ts";
import type { LeaseGuard } from "./operation.ts";

/** The one lease that all keys of this process hang on. */
export interface ProcessLease extends OwnershipLease {
  readonly processId: string;
  /** What guards a leased put. @throws RigError LEASE_LOST while the lease is lost or in doubt */
  guard(): LeaseGuard;
  /** `<processId>/<number>`: never the same twice, so that a value tells whose it is. */
  token(): string;
  /** Calls back after each beat that etcd answered, one call at a time; what rejects is called again. Answers how to stop. */
  onBeat(errand: () => Promise<void>): () => void;
  /** Somebody met LEASE_LOST: ask etcd now, not at the next beat. */
  suspect(): void;
  /** Stops keeping it alive and revokes it: all keys on it go. Resolves when that is done, or etcd did not answer. */
  close(): Promise<void>;
}

/** What became of the lease; for the log. */
export type LeaseNews = "held" | "in doubt" | "sure again" | "lost" | "granted again" | "put back";

export interface ProcessLeaseOptions {
  /** Unique to this process's life; an agent's begins with `<agentId>:`, which its etcd role allows. */
  readonly processId: string;
  /** `why` etcd was not asked or did not answer, where that is the news. */
  readonly onNews?: (news: LeaseNews, why?: unknown) => void;
  readonly ttlSeconds?: number;
}

const TTL_SECONDS = 8;
// Parts of the TTL. Of 8 s: asked every 2 s; after 1 s without an answer, and half a second more, the next member is
// asked, so that two of three may hang before there is doubt.
const BEAT = 1 / 4;
const PATIENCE = 1 / 8;
const AGAIN = 1 / 16;
const DOUBT_AFTER = 0.75; // of the TTL without a yes: 6 of 8 s, so that the owner doubts before etcd lets go

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
  readonly #onNews: (news: LeaseNews, why?: unknown) => void;
  readonly #keepAlive: KeepAlive;
  readonly #chores: LeaseChores;
  readonly #stop = new AbortController();
  #guard: LeaseGuard | null = null;
  /** Monotonic time of the last question that etcd answered with a yes: from then on it gives a full TTL. */
  #surelyAskedAt = Number.NEGATIVE_INFINITY;
  #doubted = false;
  /** Ends the wait of the moment, be it for the next beat or for an answer. */
  #wait = new AbortController();
  #pausing = false;
  #tokens = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(etcd: Etcd, { processId, onNews = () => {}, ttlSeconds = TTL_SECONDS }: ProcessLeaseOptions) {
    this.#etcd = etcd;
    this.processId = processId;
    this.#ttlMs = ttlSeconds * 1_000;
    this.#onNews = onNews;
    this.#keepAlive = new KeepAlive(etcd);
    this.#chores = new LeaseChores(() => onNews("put back"));
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
      hint: "It is taken anew by itself as soon as etcd answers.",
    });
  }

  token(): string {
    this.#tokens += 1;
    return `${this.processId}/${this.#tokens}`;
  }

  onRegranted(putBack: () => Promise<void>): () => void {
    return this.#chores.onRegranted(putBack);
  }

  onBeat(errand: () => Promise<void>): () => void {
    return this.#chores.onBeat(errand);
  }

  suspect(): void {
    if (this.#pausing) this.#wait.abort();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#wait.abort();
    await this.#loop;
    await this.#chores.ended();
    this.#keepAlive.close();
    const leaseId = this.#guard?.leaseId;
    this.#guard = null;
    // An etcd that is away cannot be told; the lease runs out by itself.
    if (leaseId !== undefined) await this.#etcd.revokeLease(leaseId).catch(() => {});
  }

  async #keep(): Promise<void> {
    for (let pauseMs = this.#ttlMs * BEAT; !this.#stop.signal.aborted; ) {
      await this.#pause(pauseMs);
      if (this.#stop.signal.aborted) return;
      try {
        await this.#beat();
        this.#chores.start();
        pauseMs = this.#ttlMs * BEAT;
        this.#tellDoubt();
      } catch (error) {
        pauseMs = this.#ttlMs * AGAIN; // etcd is away; doubt comes by the clock
        this.#tellDoubt(error);
      }
    }
  }

  async #beat(): Promise<void> {
    if (this.#guard && !(await this.#renew(this.#guard.leaseId))) {
      this.#guard = null;
      this.#onNews("lost");
    }
    if (this.#guard) return;
    await this.#grant();
    this.#chores.granted();
    this.#onNews("granted again");
  }

  async #grant(): Promise<void> {
    const askedAt = this.#etcd.clock.monotonic();
    const { leaseId } = await this.#etcd.grantLease(this.#ttlMs / 1_000);
    this.#guard = await putAliveKey(this.#etcd, this.processId, leaseId);
    this.#surelyAskedAt = askedAt;
    this.#doubted = false;
  }

  /** True where the lease lives. Rejects where no answer came in time. */
  async #renew(leaseId: string): Promise<boolean> {
    const askedAt = this.#etcd.clock.monotonic();
    this.#wait = new AbortController();
    const answered = this.#wait;
    try {
      if ((await this.#keepAlive.ask(leaseId, this.#ttlMs * PATIENCE, answered.signal)) <= 0) return false;
    } finally {
      answered.abort();
    }
    this.#surelyAskedAt = askedAt;
    if (this.#doubted) this.#onNews("sure again");
    this.#doubted = false;
    return true;
  }

  #tellDoubt(why?: unknown): void {
    if (this.#doubted || this.#guard === null || this.isSure()) return;
    this.#doubted = true;
    this.#onNews("in doubt", why);
  }

  /** Until the next beat, or until somebody suspects a loss. */
  async #pause(ms: number): Promise<void> {
    this.#wait = new AbortController();
    this.#pausing = true;
    await this.#etcd.clock.sleep(ms, this.#wait.signal);
    this.#pausing = false;
  }
}
