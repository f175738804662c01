import type { Ingest, IngestStat } from "./ingest.ts";

/** An ingest whose last count is kept, for the watchdogs that compare what came in with what went out. */
export interface CountedIngest {
  readonly ingest: Ingest;
  /** What `stat` showed last of the publisher with this local name; null while it shows none. */
  source(localName: string): IngestStat | null;
}

export function countedIngest(ingest: Ingest): CountedIngest {
  let last = new Map<string, IngestStat>();
  return {
    source: (localName) => last.get(localName) ?? null,
    ingest: {
      get publishUrl() {
        return ingest.publishUrl;
      },
      keepsGop: ingest.keepsGop,
      run: (handlers, ready, signal) => ingest.run(handlers, ready, signal),
      pullUrl: (localName, relayId) => ingest.pullUrl(localName, relayId),
      drop: (publisher) => ingest.drop(publisher),
      endPlayer: (localName, relayId) => ingest.endPlayer(localName, relayId),
      async stat() {
        const stats = await ingest.stat();
        last = new Map(stats.map((stat) => [stat.localName, stat]));
        return stats;
      },
    },
  };
}
