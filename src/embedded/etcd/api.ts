import type { HistoryKeeper } from "./duties/history-keeper.ts";
import type { Engine } from "./engine.ts";
import type { StoreLimits } from "./limits.ts";
import type { Operation } from "./state/requests.ts";
import { refuse } from "./store-error.ts";
import { decodeDelete, decodePut, decodeRange, decodeTxn } from "./wire/decode-kv.ts";
import { encodeResult, headerOf, type Member } from "./wire/encode.ts";
import { idField, numberField, type Wire } from "./wire/fields.ts";
import { requestBytes } from "./wire/request-size.ts";

/** What every answer is made from. */
export interface ApiPorts {
  readonly engine: Engine;
  readonly history: HistoryKeeper;
  readonly member: Member;
  readonly limits: StoreLimits;
  /** Where clients reach the store, as URLs; changes as listeners come and go. */
  readonly clientUrls: () => readonly string[];
  /** Bytes of the log segment that is written now. */
  readonly diskBytes: () => number;
}

/** One call with one answer. `request` and answer have proto-loader's shape. @throws StoreError */
export type Unary = (request: Wire) => Promise<Wire>;

/** Every unary call that the store answers, by `Service.Method` as in rpc.proto; the others are UNIMPLEMENTED. */
export function unaryCalls(ports: ApiPorts): ReadonlyMap<string, Unary> {
  return new Map<string, Unary>([
    ...kvCalls(ports),
    ...leaseCalls(ports),
    ...clusterCalls(ports),
    ["Auth.AuthStatus", async () => ({ header: header(ports), enabled: false, authRevision: "1" })],
    ["Auth.Authenticate", () => Promise.reject(refuse.authNotEnabled())],
  ]);
}

const header = ({ member, engine }: ApiPorts): Wire => headerOf(member, engine.hub.durableRevision);

function kvCalls({ engine, history, member, limits }: ApiPorts): [string, Unary][] {
  const perform =
    (decode: (request: Wire) => Operation): Unary =>
    async (request) => {
      const operation = decode(request);
      if (requestBytes(operation) > limits.maxRequestBytes) throw refuse.tooLarge();
      const result = await engine.perform((machine) => machine.perform(operation));
      return encodeResult(result, headerOf(member, result.revision));
    };
  return [
    ["KV.Range", perform(decodeRange)],
    ["KV.Put", perform(decodePut)],
    ["KV.DeleteRange", perform(decodeDelete)],
    ["KV.Txn", perform(decodeTxn)],
    [
      "KV.Compact",
      async (request) => {
        await history.compact(numberField(request.revision));
        return { header: headerOf(member, engine.hub.durableRevision) };
      },
    ],
  ];
}

function leaseCalls(ports: ApiPorts): [string, Unary][] {
  const { engine } = ports;
  return [
    [
      "Lease.LeaseGrant",
      async (request) => {
        const { id, ttlSeconds } = await engine.perform((machine) =>
          machine.grant(idField(request.ID), numberField(request.TTL)),
        );
        return { header: header(ports), ID: id, TTL: String(ttlSeconds), error: "" };
      },
    ],
    [
      "Lease.LeaseRevoke",
      async (request) => {
        await engine.perform((machine) => machine.revoke(idField(request.ID)));
        return { header: header(ports) };
      },
    ],
    ["Lease.LeaseTimeToLive", (request) => timeToLive(ports, request)],
    [
      "Lease.LeaseLeases",
      async () => {
        const ids = await engine.perform(({ leases }) =>
          [...leases.all()].sort((a, b) => a.expiresAt - b.expiresAt).map(({ id }) => ({ ID: id })),
        );
        return { header: header(ports), leases: ids };
      },
    ],
  ];
}

/** Seconds left, rounded down; -1 for a lease that is not there. */
async function timeToLive(ports: ApiPorts, request: Wire): Promise<Wire> {
  const id = idField(request.ID);
  const found = await ports.engine.perform(({ leases }) => {
    const lease = leases.get(id);
    if (!lease) return { TTL: "-1", grantedTTL: "0", keys: [] };
    const keys = request.keys === true ? [...lease.keys].sort().map((key) => Buffer.from(key, "latin1")) : [];
    const seconds = Math.max(0, Math.floor(leases.remainingMs(lease) / 1_000));
    return { TTL: String(seconds), grantedTTL: String(lease.ttlSeconds), keys };
  });
  return { header: header(ports), ID: id, ...found };
}

/** Renews a lease; TTL 0 says that it is not there. */
export async function keepAlive(ports: ApiPorts, request: Wire): Promise<Wire> {
  const id = idField(request.ID);
  const ttlSeconds = await ports.engine.perform(({ leases }) => {
    const lease = leases.get(id);
    if (lease) leases.renew(lease);
    return lease?.ttlSeconds ?? 0;
  });
  return { header: header(ports), ID: id, TTL: String(ttlSeconds) };
}

function clusterCalls(ports: ApiPorts): [string, Unary][] {
  const { member, diskBytes, clientUrls } = ports;
  return [
    [
      "Cluster.MemberList",
      async () => ({
        header: header(ports),
        members: [{ ID: member.memberId, name: "embedded", peerURLs: [], clientURLs: clientUrls(), isLearner: false }],
      }),
    ],
    [
      "Maintenance.Status",
      async () => {
        const revision = String(ports.engine.hub.durableRevision);
        return {
          header: header(ports),
          version: "3.4.0", // the API that it answers, not a release of etcd
          dbSize: String(diskBytes()),
          leader: member.memberId,
          raftIndex: revision,
          raftTerm: "1",
          raftAppliedIndex: revision,
          errors: [],
          dbSizeInUse: String(diskBytes()),
          isLearner: false,
        };
      },
    ],
    ["Maintenance.Alarm", async () => ({ header: header(ports), alarms: [] })],
    ["Maintenance.Defragment", async () => ({ header: header(ports) })], // memory and log compact themselves
  ];
}
