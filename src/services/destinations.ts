import type { Actor, AuditEntry } from "../domain/audit.ts";
import type { Destination } from "../domain/destination.ts";
import type { Secret } from "../domain/secret.ts";

/** A destination with what is needed to push to it. Only an agent that has the publish gets it. */
export interface DestinationTarget {
  readonly destination: Destination;
  readonly destinationKey: Secret;
}

/**
 * Destinations in PostgreSQL; the destination key is sealed inside the store. Every change is one transaction with its
 * audit entry, and raises the stream's revision, which it returns.
 */
export interface DestinationStore {
  insert(destination: Destination, destinationKey: Secret, entry: AuditEntry): Promise<number>;
  find(destinationId: string): Promise<Destination | null>;
  list(streamId: string): Promise<Destination[]>;
  /** Changes what is given, raises the destination's revision (`retry: true` raises retrySeq instead). */
  update(
    destinationId: string,
    change: {
      url?: string;
      service?: string | null;
      server?: string | null;
      key?: Secret;
      enabled?: boolean;
      retry?: true;
    },
    entry: AuditEntry,
  ): Promise<{ destination: Destination; streamRevision: number }>;
  remove(destinationId: string, entry: AuditEntry): Promise<number>;
}

/** Opens the sealed destination keys of one stream's enabled destinations, with the stream's revision they belong to. */
export interface TargetStore {
  targets(streamId: string): Promise<{ revision: number; targets: DestinationTarget[] }>;
}

/** What a caller says of a destination: a URL, or a service preset and optionally its server. */
export type DestinationInput = { url: string } | { service: string; server?: string };

/** The use cases on destinations. Each change reaches a live publish at once. */
export interface Destinations {
  add(streamId: string, input: DestinationInput, destinationKey: Secret, actor: Actor): Promise<Destination>;
  list(streamId: string): Promise<Destination[]>;
  edit(
    destinationId: string,
    change: { input?: DestinationInput; destinationKey?: Secret; enabled?: boolean },
    actor: Actor,
  ): Promise<Destination>;
  remove(destinationId: string, actor: Actor): Promise<void>;
  /** A waiting or rejected relay tries at once; nothing happens where it already pushes. */
  retryNow(destinationId: string, actor: Actor): Promise<Destination>;
}
