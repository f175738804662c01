import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { RigError } from "../../domain/errors.ts";
import { serviceError } from "./grpc-error.ts";
import { serviceDefinitions } from "./grpc-services.ts";
import type { EmbeddedStore, StoreApi } from "./store.ts";
import { refuse } from "./store-error.ts";
import type { Wire } from "./wire/fields.ts";

/** TLS for the listener, in PEM. With `ca`, only clients with a certificate of it are let in. */
export interface ServerTls {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly ca?: string | Buffer;
}

export interface GrpcOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly tls?: ServerTls;
}

export interface GrpcListener {
  readonly port: number;
  /** `https://127.0.0.1:2379`, with the port that was really taken. */
  readonly url: string;
  /** Takes no new call, lets those under way finish for a second, then ends them; resolves when the port is free. Safe to repeat. */
  close(): Promise<void>;
}

// as etcd: the largest request and half a MiB around it
const MAX_MESSAGE_BYTES = 2 * 1_024 * 1_024;
const CLOSE_MS = 1_000;

/**
 * Serves the store's API over gRPC.
 * @throws RigError PORT_IN_USE where the address cannot be had
 */
export async function serveGrpc(store: EmbeddedStore, { host, port, tls }: GrpcOptions): Promise<GrpcListener> {
  const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": -1, // a range may be as large as what is stored, as with etcd
  });
  for (const [name, definition] of Object.entries(serviceDefinitions(isInBytes(store.api))))
    server.addService(definition, implementation(store.api, name, definition));
  const name = host.includes(":") ? `[${host}]` : host;
  const bound = await bind(server, `${name}:${port}`, credentialsOf(tls));
  const url = `${tls ? "https" : "http"}://${name}:${bound}`;
  const withdraw = store.api.announce(url);
  let closing: Promise<void> | null = null;
  return {
    port: bound,
    url,
    close: () => {
      withdraw();
      closing ??= shutDown(server);
      return closing;
    },
  };
}

const STREAMS = ["Watch.Watch", "Lease.LeaseKeepAlive"];
const isInBytes =
  ({ bytes }: StoreApi) =>
  (path: string): boolean =>
    STREAMS.includes(path) || bytes.unary(path) !== undefined;

function implementation(api: StoreApi, service: string, definition: ServiceDefinition): UntypedServiceImplementation {
  if (service === "Watch") return { watch: (call: ByteStream) => serveWatch(api, call) };
  const isUnary = ([, method]: [string, ServiceDefinition[string]]) => !method.requestStream && !method.responseStream;
  const calls = Object.entries(definition).filter(isUnary);
  const unaries = Object.fromEntries(calls.map(([method]) => [method, unary(api, `${service}.${method}`)]));
  if (service === "Lease") return { ...unaries, leaseKeepAlive: (call: ByteStream) => serveKeepAlive(api, call) };
  return service === "Maintenance" ? { ...unaries, snapshot: refuseSnapshot } : unaries;
}

const refuseSnapshot = (call: ServerWritableStream<Wire, Wire>): void =>
  void call.emit("error", serviceError(refuse.notImplemented("Maintenance.Snapshot")));

type ByteStream = ServerDuplexStream<Buffer, Buffer>;

function unary(api: StoreApi, path: string) {
  const inBytes = api.bytes.unary(path);
  return inBytes ? answerWith(inBytes) : answerWith(api.unary(path) ?? notImplemented(path));
}

const notImplemented = (path: string) => (): Promise<Wire> => Promise.reject(refuse.notImplemented(path));

const answerWith =
  <T>(respond: (request: T) => Promise<T>) =>
  (call: ServerUnaryCall<T, T>, answer: sendUnaryData<T>): void => {
    respond(call.request).then(
      (response) => answer(null, response),
      (error: unknown) => answer(serviceError(error)),
    );
  };

function serveWatch(api: StoreApi, call: ByteStream): void {
  const watches = api.bytes.watch((message) => call.write(message));
  call.on("drain", () => watches.drained());
  call.on("data", (request: Buffer) => {
    try {
      watches.take(request);
    } catch (error) {
      call.emit("error", serviceError(error));
    }
  });
  whenOver(api, call, () => watches.end());
}

function serveKeepAlive(api: StoreApi, call: ByteStream): void {
  call.on("data", (request: Buffer) => {
    api.bytes.keepAlive(request).then(
      (response) => call.write(response),
      (error: unknown) => call.emit("error", serviceError(error)),
    );
  });
  whenOver(api, call, () => {});
}

/** Ends the call when the client does, or with UNAVAILABLE when the store does. */
function whenOver(api: StoreApi, call: ByteStream, end: () => void): void {
  const stop = () => call.emit("error", serviceError(refuse.stopped())); // grpc-js makes it the call's status
  const over = () => {
    api.ended.removeEventListener("abort", stop);
    end();
  };
  api.ended.addEventListener("abort", stop, { once: true });
  call.on("end", () => {
    over();
    call.end();
  });
  call.on("cancelled", over);
  call.on("error", over);
  call.on("close", over);
}

function credentialsOf(tls: ServerTls | undefined): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  const pair = { cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) };
  return ServerCredentials.createSsl(tls.ca ? Buffer.from(tls.ca) : null, [pair], tls.ca !== undefined);
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (cause, port) => {
      if (cause) reject(new RigError("PORT_IN_USE", `the embedded store cannot listen on ${address}`, { cause }));
      else resolve(port);
    });
  });
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.forceShutdown(), CLOSE_MS);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
}
