import { RigError } from "../domain/errors.ts";
import type { Footprint, Operation } from "./operation.ts";

/** One operation and its caller, on their way through a lane of group commit. */
export interface CommitEntry {
  readonly operation: Operation<unknown>;
  readonly footprint: Footprint;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Lets go of the caller's signal and deadline. */
  forget: () => void;
  /** Where it waits, flies, or is settled; `over` once its caller has an answer. */
  state: "waiting" | "on the way" | "over";
  /** How often it was sent. */
  sends: number;
  /** True once it may have been applied by a try whose answer never came: from then on no refusal proves anything. */
  doubted: boolean;
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
