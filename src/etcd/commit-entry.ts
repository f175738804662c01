import { RigError } from "../domain/errors.ts";
import type { Footprint, Operation } from "./operation.ts";

/** What a caller of group commit is answered with, and how long it waits. */
interface Caller {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Monotonic. */
  readonly endsAt: number;
  readonly signal: AbortSignal | undefined;
  /** Called where its time is over first. */
  readonly giveUp: (entry: CommitEntry) => void;
}

/** One operation and its caller, on their way through a lane of group commit. */
export class CommitEntry implements Caller {
  readonly operation: Operation<unknown>;
  readonly footprint: Footprint;
  readonly resolve: Caller["resolve"];
  readonly reject: Caller["reject"];
  readonly endsAt: number;
  readonly signal: AbortSignal | undefined;
  readonly giveUp: Caller["giveUp"];
  /** Where it waits, flies, or is settled; `over` once its caller has an answer. */
  state: "waiting" | "on the way" | "over" = "waiting";
  /** How often it was sent. */
  sends = 0;
  /** True once it may have been applied by a try whose answer never came: from then on no refusal proves anything. */
  doubted = false;

  constructor(operation: Operation<unknown>, footprint: Footprint, caller: Caller) {
    this.operation = operation;
    this.footprint = footprint;
    this.resolve = caller.resolve;
    this.reject = caller.reject;
    this.endsAt = caller.endsAt;
    this.signal = caller.signal;
    this.giveUp = caller.giveUp;
  }

  onLate(): void {
    this.giveUp(this);
  }
}

/** Nobody knows whether it was applied. */
export const ambiguous = (what: string, cause?: unknown): RigError =>
  new RigError("ETCD_AMBIGUOUS", `etcd: ${what}: no answer in time, it may have been done or not`, { cause });

/** It was not applied, and will not be. */
export const notSent = (what: string, reason: string): RigError =>
  new RigError("ETCD_UNREACHABLE", `etcd: ${what}: not sent: ${reason}`);

/** For a caller who gets no answer, for this reason. */
export const unanswered = ({ sends, operation: { what } }: CommitEntry, reason: string): RigError =>
  sends > 0 ? ambiguous(what) : notSent(what, reason);
