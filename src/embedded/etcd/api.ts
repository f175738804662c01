import { type ApiPorts, headerNow, type Unary } from "./api-ports.ts";
import { maintenanceCalls } from "./maintenance.ts";
import { performOperation, renewLease } from "./perform.ts";
import type { Operation } from "./state/requests.ts";
import { refuse } from "./store-error.ts";
import { decodeDelete, decodePut, decodeRange, decodeTxn } from "./wire/decode-kv.ts";
import { encodeResult, headerOf } from "./wire/encode.ts";
import { idField, numberField, type Wire } from "./wire/fields.ts";

/** Every unary call that the store answers, by `Service.Method` as in rpc.proto; the others are UNIMPLEMENTED. */
export function unaryCalls(ports: ApiPorts): ReadonlyMap<string, Unary> {
  return new Map<string, Unary>([
    ...kvCalls(ports),
    ...leaseCalls(ports),
    ["Cluster.MemberList", async () => memberList(ports)],
    ...maintenanceCalls(ports),
    ["Auth.AuthStatus", async () => ({ header: headerNow(ports), enabled: false, authRevision: "1" })],
    ["Auth.Authenticate", () => Promise.reject(refuse.authNotEnabled())],
  ]);
}

function kvCalls(ports: ApiPorts): [string, Unary][] {
  const perform =
    (decode: (request: Wire) => Operation): Unary =>
    async (request) => {
      const result = await performOperation(ports, decode(request));
      return encodeResult(result, headerOf(ports.member, result.revision));
    };
  return [
    ["KV.Range", perform(decodeRange)],
    ["KV.Put", perform(decodePut)],
    ["KV.DeleteRange", perform(decodeDelete)],
    ["KV.Txn", perform(decodeTxn)],
    [
      "KV.Compact",
      async (request) => {
        await ports.history.compact(numberField(request.revision));
        return { header: headerNow(ports) };
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
        return { header: headerNow(ports), ID: id, TTL: String(ttlSeconds), error: "" };
      },
    ],
    [
      "Lease.LeaseRevoke",
      async (request) => {
        await engine.perform((machine) => machine.revoke(idField(request.ID)));
        return { header: headerNow(ports) };
      },
    ],
    ["Lease.LeaseTimeToLive", (request) => timeToLive(ports, request)],
    [
      "Lease.LeaseLeases",
      async () => {
        const ids = await engine.perform(({ leases }) =>
          [...leases.all()].sort((a, b) => a.expiresAt - b.expiresAt).map(({ id }) => ({ ID: id })),
        );
        return { header: headerNow(ports), leases: ids };
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
  return { header: headerNow(ports), ID: id, ...found };
}

/** Renews a lease; TTL 0 says that it is not there. */
export async function keepAlive(ports: ApiPorts, request: Wire): Promise<Wire> {
  const id = idField(request.ID);
  const ttlSeconds = await renewLease(ports, id);
  return { header: headerNow(ports), ID: id, TTL: String(ttlSeconds) };
}

const memberList = (ports: ApiPorts): Wire => ({
  header: headerNow(ports),
  members: [
    { ID: ports.member.memberId, name: "embedded", peerURLs: [], clientURLs: ports.clientUrls(), isLearner: false },
  ],
});
