import type { Etcd3, ICallable, IOptions } from "etcd3";
import type { Clock } from "../domain/clock.ts";
import { type EtcdUser, noAuth, userAuth } from "./call-auth.ts";
import { driver } from "./driver.ts";
import type { Member } from "./members.ts";

/** In-process access to a store, as etcd3's `mock()` takes it; the wiring hands in the embedded store's. */
export interface EtcdTransport {
  exec(service: string, method: string, payload: unknown, options?: unknown): Promise<unknown>;
}

/** How to reach etcd. */
export interface EtcdAddress {
  /** `host:port` or `http[s]://host:port`, one for each member. Unused with a transport. */
  readonly endpoints: readonly string[];
  readonly tls?: { readonly ca: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  readonly user?: EtcdUser;
  readonly transport?: EtcdTransport;
}

const GRPC_OPTIONS = {
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_000, // grpc's own two minutes would outlast every fault that heals
  "grpc.use_local_subchannel_pool": 1, // else a new channel inherits the backoff of the one it replaces
  "grpc.keepalive_time_ms": 6_000, // etcd hangs up on pings that come more often than every 5 s
  "grpc.keepalive_timeout_ms": 4_000, // a watch on a member that hangs is opened anew after 10 s
  "grpc.max_receive_message_length": 16 * 1024 * 1024, // an answer that is too long was applied all the same
};

// etcd3 retries writes up to three times, even after a timeout, and its circuit breaker fails reads after a write was refused.
type Policy = NonNullable<NonNullable<IOptions["faultHandling"]>["global"]>;
const NO_POLICY = {
  execute: async (call: (context: { signal: AbortSignal }) => unknown) => call({ signal: NEVER }),
} as unknown as Policy;
const NEVER = new AbortController().signal;

/** One client for each member: of several endpoints etcd3 picks one by dice for each call, those that hang among them. */
export function connectMembers({ endpoints, user, ...access }: EtcdAddress, clock: Clock): Member[] {
  const authOf = (client: Etcd3) => (user ? userAuth(client, user, clock) : noAuth);
  const places = access.transport ? [undefined] : endpoints;
  return places.map((endpoint) => {
    const client = connect({ endpoints: endpoint === undefined ? endpoints : [endpoint], ...access });
    return { client, auth: authOf(client), ...(endpoint !== undefined && { endpoint }) };
  });
}

/** The etcd3 client with its own retries and circuit breakers off, and in nobody's name. Connects at its first call. */
export function connect({ endpoints, tls, transport }: Omit<EtcdAddress, "user">): Etcd3 {
  const scheme = tls ? "https" : "http";
  const client = new driver.Etcd3({
    hosts: endpoints.length > 0 ? endpoints.map((e) => (e.includes("://") ? e : `${scheme}://${e}`)) : "in-process",
    ...(tls && { credentials: credentials(tls) }),
    grpcOptions: GRPC_OPTIONS,
    faultHandling: { global: NO_POLICY, host: () => NO_POLICY },
  });
  if (transport) client.mock(transport as Partial<ICallable<unknown>> as ICallable<unknown>);
  return client;
}

const credentials = ({ ca, cert, key }: NonNullable<EtcdAddress["tls"]>) => ({
  rootCertificate: ca,
  ...(cert && { certChain: cert }),
  ...(key && { privateKey: key }),
});
