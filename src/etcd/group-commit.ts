import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import type { Deadlines } from "../services/deadlines.ts";
import { AbortListeners } from "./abort-listeners.ts";
import { ambiguous, CommitEntry, notSent, unanswered } from "./commit-entry.ts";
import { CommitQueue } from "./commit-queue.ts";
import { checkSize } from "./commit-size.ts";
import { etcdError, fateOf } from "./fate.ts";
import { type Footprint, footprintOf, type Operation, type ReadKey } from "./operation.ts";
import { type OuterTxn, ownAnswer, readAnswer, type Txn, type TxnAnswer, toOuterTxn, toTxn } from "./txn.ts";

/** What group commit needs of etcd. */
export interface CommitPorts {
  /** One transaction, sent once. */
  txn(txn: Txn, deadlineMs: number): Promise<TxnAnswer>;
  readonly read: ReadKey;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  /** Where etcd is asked, for errors. */
  readonly endpoints?: readonly string[];
}

/** How long a caller waits for its own operation. */
export interface CommitOptions {
  readonly deadlineMs?: number;
  /** Ends the wait with the signal's reason; the operation may still be applied. */
  readonly signal?: AbortSignal;
}

const OUTER_MS = 1_000; // an outer that is slower is settled by reading
const CALLER_MS = 2_500; // one outer, its settling, one more outer; within the 4 s that a publisher's hook has
const QUEUE_BOUND = 2_048; // 20 outers: about 0.3 s of work
const MAX_FLYING = 2; // one on the wire while etcd syncs the other
const SECOND_AT = 32; // so many waiting are worth a second outer: 64 callers did 8,000/s, with 16 they did 4,000/s
const SETTLE_PAUSE_MS = 50;

/**
 * One lane of group commit: carries concurrent small transactions as nested transactions of one outer. Flushes at once
 * when idle, gathers while an outer flies. Each operation wins or loses alone, as if it had been sent alone.
 */
export class GroupCommit {
  readonly #ports: CommitPorts;
  readonly #queue = new CommitQueue<CommitEntry>();
  readonly #open = new Set<CommitEntry>();
  readonly #running = new Set<Promise<void>>();
  readonly #closed = new AbortController();
  readonly #late = (entry: CommitEntry) => this.#giveUp(entry, unanswered(entry, "no time left"));
  readonly #aborts = new AbortListeners<CommitEntry>((entry, reason) => this.#giveUp(entry, reason));
  #flying = 0;
  #pumping = false;

  constructor(ports: CommitPorts) {
    this.#ports = ports;
  }

  /**
   * Applies one operation, with whatever else waits.
   * @throws RigError OVERLOADED, PAYLOAD_TOO_LARGE, LEASE_LOST, ETCD_UNREACHABLE (not applied), ETCD_AMBIGUOUS (nobody knows), or what the operation's `answer` throws
   */
  commit<T>(operation: Operation<T>, { deadlineMs = CALLER_MS, signal }: CommitOptions = {}): Promise<T> {
    const footprint = footprintOf(operation);
    return new Promise<T>((resolve, reject) => {
      signal?.throwIfAborted();
      this.#checkRoom(operation, footprint);
      if (deadlineMs <= 0) throw notSent(operation.what, "no time left");
      const entry = new CommitEntry(operation, footprint, {
        resolve: resolve as CommitEntry["resolve"],
        reject,
        endsAt: this.#ports.clock.monotonic() + deadlineMs,
        signal,
        giveUp: this.#late,
      });
      this.#ports.deadlines.add(entry);
      if (signal) this.#aborts.add(signal, entry);
      this.#open.add(entry);
      this.#queue.add(entry);
      this.#pumpSoon();
    });
  }

  /** Refuses what waits, lets go of what flies; resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#closed.abort();
    for (const entry of this.#open) this.#giveUp(entry, unanswered(entry, "the client was closed"));
    await Promise.all(this.#running);
  }

  #checkRoom(operation: Operation<unknown>, footprint: Footprint): void {
    const { what } = operation;
    if (this.#closed.signal.aborted) throw notSent(what, "the client was closed");
    checkSize(operation, footprint);
    if (this.#queue.size >= QUEUE_BOUND)
      throw new RigError("OVERLOADED", `etcd: ${what}: ${QUEUE_BOUND} operations wait already`);
  }

  /** Callers of one tick share an outer. */
  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#flying < MAX_FLYING && this.#queue.size > 0) {
      if (this.#flying > 0 && this.#queue.size < SECOND_AT) return;
      const batch = this.#queue.takeBatch();
      if (batch.length === 0) return;
      for (const entry of batch) entry.state = "on the way";
      this.#track(this.#fly(batch));
    }
  }

  async #fly(batch: readonly CommitEntry[]): Promise<void> {
    this.#flying += 1;
    await this.#send(batch);
    this.#flying -= 1;
    this.#pumpSoon();
  }

  async #send(batch: readonly CommitEntry[]): Promise<void> {
    const [{ operation: only }] = batch as readonly [CommitEntry];
    const outer = batch.length > 1 ? toOuterTxn(batch.map((entry) => entry.operation)) : null;
    for (const entry of batch) entry.sends += 1;
    let answer: TxnAnswer;
    let answers: ReturnType<OuterTxn["answers"]>;
    try {
      answer = await this.#ports.txn(outer?.txn ?? toTxn(only), OUTER_MS);
      answers = outer?.answers(answer) ?? [ownAnswer(only, answer)];
    } catch (error) {
      return await this.#sendFailed(batch, error);
    }
    for (const [i, entry] of batch.entries()) this.#finish(entry, answers[i] ?? null, answer.revision);
  }

  async #sendFailed(batch: readonly CommitEntry[], error: unknown): Promise<void> {
    const fate = fateOf(error);
    if (fate === "one to blame" && batch.length > 1) {
      // In halves, so that only that one sees it.
      const middle = Math.ceil(batch.length / 2);
      await this.#send(batch.slice(0, middle));
      await this.#send(batch.slice(middle));
      return;
    }
    const mayBeApplied = fate === "ambiguous" || fate === "no space";
    for (const entry of batch) {
      entry.doubted ||= mayBeApplied;
      if (mayBeApplied) this.#track(this.#settle(entry, error));
      else this.#refuse(entry, error);
    }
  }

  /** Not applied by this try; where an earlier one may have been, nobody knows. */
  #refuse(entry: CommitEntry, error: unknown): void {
    const { what } = entry.operation;
    this.#fail(entry, entry.doubted ? ambiguous(what, error) : etcdError(what, error, this.#ports.endpoints));
  }

  #finish(entry: CommitEntry, answer: TxnAnswer | null, revision: number): void {
    if (!this.#end(entry)) return;
    const { operation } = entry;
    try {
      if (!answer) throw new RigError("LEASE_LOST", `etcd: ${operation.what}: the lease is gone`);
      entry.resolve(operation.answer(readAnswer(operation, answer, revision)));
    } catch (error) {
      entry.reject(error);
    }
  }

  /** Reads until it is known what became of an operation, and sends it again where it was not applied. */
  async #settle(entry: CommitEntry, cause: unknown): Promise<void> {
    const { operation } = entry;
    if (entry.sends > 1) await this.#ports.clock.sleep(SETTLE_PAUSE_MS, this.#closed.signal);
    while (entry.state !== "over") {
      try {
        const settled = await operation.settle(this.#ports.read);
        if (settled.was === "applied") {
          if (this.#end(entry)) entry.resolve(settled.value);
          return;
        }
        if (settled.was === "lost") return this.#fail(entry, ambiguous(operation.what, cause));
        if (fateOf(cause) !== "no space") return this.#again(entry);
        // etcd has answered this try, so it cannot land later; one before it might.
        const { what } = operation;
        return this.#fail(
          entry,
          entry.sends > 1 ? ambiguous(what, cause) : etcdError(what, cause, this.#ports.endpoints),
        );
      } catch {
        // Not even the read came through; the caller's deadline ends this.
        await this.#ports.clock.sleep(SETTLE_PAUSE_MS, this.#closed.signal);
      }
    }
    this.#queue.release(entry);
    this.#pumpSoon();
  }

  #again(entry: CommitEntry): void {
    if (entry.state === "over") this.#queue.release(entry);
    else {
      entry.state = "waiting";
      this.#queue.putBack(entry);
    }
    this.#pumpSoon();
  }

  #fail(entry: CommitEntry, error: unknown): void {
    if (this.#end(entry)) entry.reject(error);
  }

  /** Frees an operation's keys; true where its caller still waits for the answer. */
  #end(entry: CommitEntry): boolean {
    this.#queue.release(entry);
    this.#pumpSoon();
    if (entry.state === "over") return false;
    this.#forget(entry);
    return true;
  }

  #forget(entry: CommitEntry): void {
    entry.state = "over";
    this.#ports.deadlines.clear(entry);
    if (entry.signal) this.#aborts.remove(entry.signal, entry);
    this.#open.delete(entry);
  }

  #giveUp(entry: CommitEntry, error: unknown): void {
    if (entry.state === "over") return;
    if (entry.state === "waiting") this.#queue.withdraw(entry);
    this.#forget(entry);
    entry.reject(error);
  }

  #track(work: Promise<void>): void {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }
}
