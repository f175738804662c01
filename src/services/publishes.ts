import type { Actor, AuditEntry } from "../domain/audit.ts";
import type { DropReason, PublishEnd } from "../domain/publish.ts";
import type { Secret } from "../domain/secret.ts";
import type { Stream, StreamKey } from "../domain/stream.ts";
import type { OutboxTask } from "../domain/task.ts";
import type { UsageAnswer, UsageReport, UserUsage } from "../domain/usage.ts";
import type { User } from "../domain/user.ts";
import type { DestinationTarget } from "./destinations.ts";

/** One run of a stream, as PostgreSQL keeps it. */
export interface Publish {
  readonly id: string;
  readonly streamId: string;
  readonly streamKeyId: string;
  readonly userId: string;
  readonly agentId: string;
  readonly startedAt: number;
}

/** What an agent knows of somebody who wants to publish. */
export interface PublishAttempt {
  readonly streamKey: Secret;
  readonly agentId: string;
  /** Which life of which media server, with `clientId` the publish's identity there. */
  readonly ingestInstance: string;
  readonly clientId: string;
  readonly clientAddress: string;
}

/** The answer to an accepted publish. */
export interface PublishGrant {
  readonly publishId: string;
  readonly streamId: string;
  readonly userId: string;
  readonly revision: number;
  readonly targets: readonly DestinationTarget[];
  /** Live seconds that are paid for; null where there is no limit. */
  readonly creditUntilSeconds: number | null;
  readonly creditSeq: number;
}

export interface StreamKeyOwner {
  readonly user: User;
  readonly stream: Stream;
  readonly key: StreamKey;
}

export interface PublishStore {
  /** Who a stream key (by its SHA-256) belongs to; null for an unknown one. */
  findByKeyHash(keyHash: Buffer): Promise<StreamKeyOwner | null>;
  /** @throws RigError USER_DISABLED, STREAM_KEY_REVOKED where that happened since `findByKeyHash` */
  insert(publish: Publish, entry: AuditEntry): Promise<void>;
  /** Only an audit entry: a refused publish leaves no row. */
  recordRefusal(entry: AuditEntry): Promise<void>;
  find(publishId: string): Promise<(Publish & { readonly isOpen: boolean }) | null>;
  /** Safe to repeat: the first end stands, and `tasks` are ordered with it. False where the publish had already ended. */
  close(publishId: string, reason: PublishEnd, entry: AuditEntry, tasks?: readonly OutboxTask[]): Promise<boolean>;
  /** Open publishes whose last report (or start) is older than `before`. */
  listSilent(before: number): Promise<Publish[]>;
  /** Open publishes of one user. */
  listOpen(userId: string): Promise<Publish[]>;
  /** The answer to the publish's next usage report tells it to drop; the first reason stands. False where it has ended. */
  requestDrop(publishId: string, reason: DropReason, entry: AuditEntry): Promise<boolean>;
}

/** Cumulative usage, recorded idempotently: rows never shrink, a repeated report adds nothing. */
export interface UsageStore {
  /** `entryFor` makes the audit entry of a publish that a report ended, or opened again after it was given up as orphaned. */
  record(
    agentId: string,
    reports: readonly UsageReport[],
    now: number,
    entryFor: (publishId: string, change: "ended" | "reopened") => AuditEntry,
  ): Promise<UsageAnswer[]>;
  /** Usage of all users, or of one, in a period such as `2026-11`. */
  list(period: string, userId?: string): Promise<UserUsage[]>;
}

/** The server's use cases for agents. */
export interface Publishes {
  /**
   * Decides on a publish, before a byte of media is taken; either way one audit entry.
   * @throws RigError with a RefusalCode
   */
  authenticate(attempt: PublishAttempt, actor: Actor): Promise<PublishGrant>;
  /** The present targets of a publish that this agent has now. @throws RigError PUBLISH_NOT_FOUND, FORBIDDEN */
  targets(publishId: string, agentId: string): Promise<{ revision: number; targets: readonly DestinationTarget[] }>;
  /** Ends a publish that never became live, or that lost its claim. Safe to repeat. */
  end(publishId: string, agentId: string, reason: PublishEnd, actor: Actor): Promise<void>;
  report(agentId: string, reports: readonly UsageReport[]): Promise<UsageAnswer[]>;
}

/** What the agent needs of the server; the api room's client implements it over mTLS. */
export type ServerForAgent = {
  authenticate(attempt: Omit<PublishAttempt, "agentId">, signal: AbortSignal): Promise<PublishGrant>;
  targets(publishId: string, signal: AbortSignal): Promise<{ revision: number; targets: readonly DestinationTarget[] }>;
  end(publishId: string, reason: PublishEnd, signal: AbortSignal): Promise<void>;
  report(reports: readonly UsageReport[], signal: AbortSignal): Promise<UsageAnswer[]>;
};

/** Asks for live publishes to be dropped; used by every rule that cuts. */
export interface DropRequests {
  /** Drops the stream's live publish. False where it is not live. */
  drop(streamId: string, reason: DropReason): Promise<boolean>;
}
