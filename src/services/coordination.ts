import type { LivePublish } from "../domain/live.ts";

/** THE publisher of a stream (`publishes/<streamId>`). */
export interface PublishClaim {
  readonly streamId: string;
  readonly agentId: string;
  readonly publishId: string;
  readonly state: "live" | "grace";
}

/** Who publishes what; one holder per stream, on its agent's lease. */
export interface PublishClaims {
  /** Create-if-absent, guarded by the process's lease; answers the holder where there is another. @throws LEASE_LOST, ETCD_UNREACHABLE */
  claim(claim: PublishClaim): Promise<{ claimed: true } | { claimed: false; holder: PublishClaim }>;
  /** Only if still held by this publish. Safe to repeat. */
  release(streamId: string, publishId: string): Promise<void>;
  find(streamId: string): Promise<PublishClaim | null>;
  list(): Promise<PublishClaim[]>;
}

/** This process's lease, on which its claims hang. A lost one cuts nothing: it is replaced, and its keys are put back. */
export interface OwnershipLease {
  /** False while the lease is lost or in doubt: no new publish is taken then, and no grace is given. */
  isSure(): boolean;
  /**
   * Calls back after a lost lease was replaced, and again until it succeeds: put back what you own (`claim` again with
   * the same publishId; where that answers another holder, drop the local publish). Answers how to stop being called.
   */
  onRegranted(putBack: () => Promise<void>): () => void;
}

/** Removes what a dead predecessor of this agent left claimed; answers how many. Call before taking publishes. */
export interface StaleClaims {
  clear(agentId: string): Promise<number>;
}

/** `live/<agentId>/<page>`: what each agent does now. */
export interface LiveStatuses {
  /** Replaces all that this agent said before. */
  write(agentId: string, publishes: readonly LivePublish[]): Promise<void>;
  list(): Promise<LivePublish[]>;
}

/** `wanted/<agentId>/<publishId>`: the stream revision that the agent shall have applied. */
export interface WantedRevisions {
  put(agentId: string, publishId: string, revision: number): Promise<void>;
  /** Calls back for each present and later value, until aborted; resolves when it has ended. */
  watch(agentId: string, onRevision: (publishId: string, revision: number) => void, signal: AbortSignal): Promise<void>;
}

/** `drops/<agentId>/<publishId>`: publishes to disconnect, with the reason. */
export interface DropOrders {
  put(agentId: string, publishId: string, reason: string): Promise<void>;
  watch(agentId: string, onDrop: (publishId: string, reason: string) => void, signal: AbortSignal): Promise<void>;
}

/** Removes `wanted/` and `drops/` of one ended publish. Safe to repeat. */
export interface PublishOrders {
  clear(agentId: string, publishId: string): Promise<void>;
  /** All publish ids that have orders, for the leader's sweep. */
  list(): Promise<{ agentId: string; publishId: string }[]>;
}

export interface AgentStatus {
  readonly agentId: string;
  readonly state: "ready" | "draining";
  readonly region: string;
  readonly cluster: string;
  readonly slots: { readonly total: number; readonly used: number };
  readonly ingestUrl: string;
  readonly apiUrl: string;
  readonly version: string;
}

/** `agents/<agentId>`, on the agent's lease. */
export interface AgentRegistry {
  announce(status: AgentStatus): Promise<void>;
  list(): Promise<AgentStatus[]>;
}

/** A duty that one process at a time performs (`leaders/<duty>`). */
export interface Election {
  /** Campaigns again and again; while leader runs `work`, whose signal aborts when the leadership ends. Resolves after the last `work` has ended. */
  lead(duty: string, work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}
