import { Duplex } from "node:stream";
import { serviceError } from "./grpc-error.ts";
import type { EmbeddedStore, StoreApi } from "./store.ts";
import { GRPC, refuse, StoreError } from "./store-error.ts";
import { decodeWatchRequest } from "./wire/decode-watch.ts";
import type { Wire } from "./wire/fields.ts";

/** A stream in process, with what clients use of grpc-js' duplex stream. */
export interface InProcessStream extends Duplex {
  /** Ends it at once; it emits `error` with code CANCELLED, as grpc-js does. */
  cancel(): void;
}

/** The streaming calls of a service's client; the arguments (metadata, options) are not looked at. */
export interface InProcessClient {
  watch(...ignored: unknown[]): InProcessStream;
  leaseKeepAlive(...ignored: unknown[]): InProcessStream;
}

/** What etcd3's WatchClient and LeaseClient are handed to make their streams with. */
export interface InProcessConnection {
  /** etcd3 marks it as failed when a stream breaks; there is nothing to reset in process. */
  readonly resource: {
    resetAllServices(): void;
    readonly faultHandling: { execute(run: () => unknown): Promise<unknown> };
  };
  readonly client: InProcessClient;
  readonly metadata: null;
}

/**
 * What the `mock()` hook of the etcd3 package (1.1.2) wants: `client.mock(inProcessTransport(store))`, and the unchanged
 * client talks to the store without gRPC. Errors are plain Errors with grpc-js' `code` and `details`; etcd3 does not
 * cast what a mock rejects with, so whoever wants its typed errors passes them through its `castGrpcError`.
 */
export interface InProcessTransport {
  /** One call with one answer; `method` as etcd3 spells it (`range`, `leaseGrant`). `options` are not looked at: no deadline holds here. */
  exec(service: string, method: string, payload: unknown, options?: unknown): Promise<unknown>;
  /** The connection that streams are made on. */
  getConnection(service: string): Promise<InProcessConnection>;
  /** The same, as etcd3 asks for it. */
  withConnection<T>(service: string, use: (connection: InProcessConnection) => T | Promise<T>): Promise<T>;
  /** etcd3 reports broken connections; there are none. */
  markFailed(resource: unknown, error: Error): void;
  /** No call options of its own. */
  readonly callOptionsFactory: undefined;
}

/** Connects a client in the same process. Streams end with UNAVAILABLE when the store closes. */
export function inProcessTransport({ api }: Pick<EmbeddedStore, "api">): InProcessTransport {
  const connection: InProcessConnection = {
    resource: {
      resetAllServices: () => {},
      faultHandling: { execute: async (run) => run() },
    },
    client: {
      watch: () => watchStream(api),
      leaseKeepAlive: () => keepAliveStream(api),
    },
    metadata: null,
  };
  return {
    async exec(service, method, payload) {
      const path = `${service}.${method.charAt(0).toUpperCase()}${method.slice(1)}`;
      const call = api.unary(path);
      try {
        if (!call) throw refuse.notImplemented(path);
        return await call((payload ?? {}) as Wire);
      } catch (error) {
        throw serviceError(error);
      }
    },
    getConnection: async () => connection,
    withConnection: async (_service, use) => use(connection),
    markFailed: () => {},
    callOptionsFactory: undefined,
  };
}

function watchStream(api: StoreApi): InProcessStream {
  const watches = api.watch((message) => deliver(stream, message));
  const stream = inProcessStream(api, {
    take: async (request) => watches.take(decodeWatchRequest(request)),
    drained: () => watches.drained(),
    ended: () => watches.end(),
  });
  return stream;
}

function keepAliveStream(api: StoreApi): InProcessStream {
  const stream = inProcessStream(api, {
    take: async (request) => {
      deliver(stream, await api.keepAlive(request));
    },
    drained: () => {},
    ended: () => {},
  });
  return stream;
}

interface Behaviour {
  /** Takes one request of the client. */
  readonly take: (request: Wire) => Promise<void>;
  readonly drained: () => void;
  readonly ended: () => void;
}

function inProcessStream(api: StoreApi, { take, drained, ended }: Behaviour): InProcessStream {
  const stop = () => stream.destroy(serviceError(refuse.stopped()));
  const stream = new Duplex({
    objectMode: true,
    read: drained,
    // never in the client's own tick: etcd3 begins to listen for some answers only after its write
    write: (request: Wire, _encoding, done) => {
      setImmediate(() => {
        if (stream.destroyed) done();
        else
          take(request).then(
            () => done(),
            (error: unknown) => done(serviceError(error)),
          );
      });
    },
    final: (done) => {
      ended();
      if (!stream.destroyed) stream.push(null);
      done();
    },
    destroy: (error, done) => {
      api.ended.removeEventListener("abort", stop);
      ended();
      done(error);
    },
  });
  api.ended.addEventListener("abort", stop, { once: true });
  if (api.ended.aborted) setImmediate(stop);
  const cancelled = new StoreError(GRPC.CANCELLED, "Cancelled on client");
  return Object.assign(stream, { cancel: () => void stream.destroy(serviceError(cancelled)) });
}

/** Hands a message to whoever listens. What a listener throws is its own bug and must not stop the store. */
function deliver(stream: Duplex, message: Wire): boolean {
  try {
    return stream.push(message);
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
    return true;
  }
}
