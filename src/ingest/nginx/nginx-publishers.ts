import type { IngestHandlers, PublisherRef } from "../../services/ingest.ts";
import type { NginxStat } from "./nginx-stat.ts";

/** A publisher that was accepted, until it is known to be gone. */
export interface NginxPublisherEntry extends PublisherRef {
  readonly localName: string;
  readonly acceptedMonotonic: number;
  dropped: boolean;
}

/** Who was accepted and which player belongs to which relay: what nginx's callbacks told, checked against its `/stat`. */
export interface NginxPublishers {
  accept(publisher: PublisherRef, localName: string): void;
  find(publisher: PublisherRef): NginxPublisherEntry | null;
  /** A callback said that this publisher is gone; it may never have been accepted. */
  done(publisher: PublisherRef): void;
  playerWaiting(localName: string, relayId: string, clientId: string): void;
  playerOf(localName: string, relayId: string): string | null;
  /** Ends whoever is missing although no callback said so: nginx's child has died, or nginx itself. `stat` null: it runs no more. */
  reconcile(instance: string | null, stat: NginxStat | null): void;
}

const SETTLE_MS = 5000; // between nginx's question and the publisher's place in /stat lie at most netcall_timeout and a round trip

const keyOf = ({ ingestInstance, clientId }: PublisherRef) => `${ingestInstance}/${clientId}`;

/** @param monotonic a clock that never jumps, in milliseconds */
export function nginxPublishers(monotonic: () => number, ended: IngestHandlers["ended"]): NginxPublishers {
  const publishers = new Map<string, NginxPublisherEntry>();
  const players = new Map<string, { localName: string; clientId: string; sinceMonotonic: number }>();
  const playerKey = (localName: string, relayId: string) => JSON.stringify([localName, relayId]);
  const isSettled = (since: number) => monotonic() - since > SETTLE_MS;

  const lose = (entry: NginxPublisherEntry) => {
    publishers.delete(keyOf(entry));
    ended(
      { ingestInstance: entry.ingestInstance, clientId: entry.clientId },
      entry.dropped ? "dropped" : "disconnected",
    );
  };

  return {
    accept({ ingestInstance, clientId }, localName) {
      const entry = { ingestInstance, clientId, localName, acceptedMonotonic: monotonic(), dropped: false };
      publishers.set(keyOf(entry), entry);
    },
    find: (publisher) => publishers.get(keyOf(publisher)) ?? null,
    done(publisher) {
      const entry = publishers.get(keyOf(publisher));
      publishers.delete(keyOf(publisher));
      ended(publisher, entry?.dropped ? "dropped" : "unpublished"); // nginx does not tell a goodbye from a lost connection
    },
    playerWaiting(localName, relayId, clientId) {
      players.set(playerKey(localName, relayId), { localName, clientId, sinceMonotonic: monotonic() });
    },
    playerOf: (localName, relayId) => players.get(playerKey(localName, relayId))?.clientId ?? null,
    reconcile(instance, stat) {
      const present = new Set(stat?.publishers.map(({ clientId }) => clientId));
      for (const entry of publishers.values()) {
        const missing = stat !== null && !present.has(entry.clientId) && isSettled(entry.acceptedMonotonic);
        if (entry.ingestInstance !== instance || missing) lose(entry);
      }
      for (const [key, { localName, sinceMonotonic }] of players)
        if (isSettled(sinceMonotonic) && !stat?.names.has(localName)) players.delete(key);
    },
  };
}
