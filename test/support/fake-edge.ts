import { vi } from "vitest";
import type { RelayStatus } from "../../src/domain/relay.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { UsageAnswer, UsageReport } from "../../src/domain/usage.ts";
import type { PublishClaim } from "../../src/services/coordination.ts";
import type { DestinationTarget } from "../../src/services/destinations.ts";
import { type Edge, type EdgePorts, openEdge, type Relays } from "../../src/services/edge.ts";
import type { PublishRequest } from "../../src/services/ingest.ts";
import type { PublishGrant } from "../../src/services/publishes.ts";
import { type FakeClock, fakeClock } from "./fake-clock.ts";

export const target = (id: string, revision = 1): DestinationTarget => ({
  destination: {
    id,
    streamId: "stream-1",
    service: null,
    server: null,
    url: "rtmp://127.0.0.1:1/app",
    enabled: true,
    createdAt: 0,
    revision,
    retrySeq: 0,
  },
  destinationKey: new Secret(`key-of-${id}`),
});

export const request = (streamKey: string, clientId = "client-1"): PublishRequest => ({
  app: "live",
  streamKey: new Secret(streamKey),
  clientAddress: "192.0.2.1",
  ingestInstance: "boot-1",
  clientId,
});

const status = (destinationId: string): RelayStatus => ({
  destinationId,
  state: "starting",
  reason: null,
  attempt: 1,
  nextRetryAt: null,
  egressBytes: 0,
  bps: 0,
  speed: null,
  lostFrames: 0,
  since: 0,
});

export class FakeRelays implements Relays {
  targets: readonly DestinationTarget[] = [];
  stopped = false;
  /** What its relays say of themselves. */
  state: RelayStatus["state"] = "starting";
  onStop: () => Promise<void> = async () => {};

  apply(targets: readonly DestinationTarget[]): void {
    this.targets = targets;
  }
  statuses(): RelayStatus[] {
    return this.stopped
      ? []
      : this.targets.map(({ destination }) => ({ ...status(destination.id), state: this.state }));
  }
  usage() {
    return this.targets.map(({ destination }) => ({
      destinationId: destination.id,
      egressSeconds: 2,
      egressBytes: 200,
    }));
  }
  async stop(): Promise<void> {
    await this.onStop();
    this.stopped = true;
  }
}

/** An edge whose neighbours are all in memory, and a record of what it asked of them. */
export interface FakeEdge {
  readonly edge: Edge;
  readonly clock: FakeClock;
  readonly claims: Map<string, PublishClaim>;
  readonly relays: Map<string, FakeRelays>;
  readonly reports: UsageReport[][];
  readonly asked: string[];
  /** What the server answers next; replace at will. */
  readonly server: {
    grant: (streamKey: string) => PublishGrant | Promise<PublishGrant>;
    answer: (report: UsageReport) => UsageAnswer;
    targets: () => { revision: number; targets: DestinationTarget[] };
  };
  readonly ports: EdgePorts & { ingest: { drop: ReturnType<typeof vi.fn<EdgePorts["ingest"]["drop"]>> } };
}

export const grant = (publishId: string, targets: DestinationTarget[] = [target("dest-1")]): PublishGrant => ({
  publishId,
  streamId: "stream-1",
  userId: "user-1",
  revision: 1,
  targets,
  creditUntilSeconds: null,
  creditSeq: 0,
});

export const answerFor = (report: UsageReport): UsageAnswer => ({
  publishId: report.publishId,
  known: true,
  revision: 1,
  drop: null,
  creditUntilSeconds: null,
  creditSeq: 0,
});

export function fakeEdge({ slotsTotal = 10, keepsGop = true } = {}): FakeEdge {
  const clock = fakeClock();
  const claims = new Map<string, PublishClaim>();
  const relays = new Map<string, FakeRelays>();
  const reports: UsageReport[][] = [];
  const asked: string[] = [];
  const quiet = () => {};
  const server: FakeEdge["server"] = {
    grant: () => grant("publish-1"),
    answer: answerFor,
    targets: () => ({ revision: 2, targets: [target("dest-2")] }),
  };
  const ports: FakeEdge["ports"] = {
    agentId: "agent-1",
    slotsTotal,
    clock,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    server: {
      authenticate: async ({ streamKey }) => server.grant(streamKey.open()),
      targets: async () => server.targets(),
      end: async (publishId, reason) => void asked.push(`end ${publishId} ${reason}`),
      report: async (sent) => {
        reports.push([...sent]);
        return sent.map(server.answer);
      },
    },
    claims: {
      async claim(claim) {
        const holder = claims.get(claim.streamId);
        if (holder && holder.publishId !== claim.publishId) return { claimed: false, holder };
        claims.set(claim.streamId, claim);
        return { claimed: true };
      },
      async release(streamId, publishId) {
        if (claims.get(streamId)?.publishId === publishId) claims.delete(streamId);
      },
      find: async (streamId) => claims.get(streamId) ?? null,
      list: async () => [...claims.values()],
    },
    lease: { isSure: () => true },
    orders: { clear: async (_agentId, publishId) => void asked.push(`clear ${publishId}`), list: async () => [] },
    ingest: { keepsGop, drop: vi.fn<EdgePorts["ingest"]["drop"]>(async () => true) },
    digest: (streamKey) => `digest of ${streamKey}`,
    startRelays(publishId) {
      const made = new FakeRelays();
      relays.set(publishId, made);
      return made;
    },
    changed: quiet,
    publishEnded: quiet,
  };
  return { edge: openEdge(ports), clock, claims, relays, reports, asked, server, ports };
}
