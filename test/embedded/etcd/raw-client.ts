import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type ChannelCredentials, credentials, loadPackageDefinition, type ServiceError } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { inProcessTransport } from "../../../src/embedded/etcd/in-process.ts";
import type { EmbeddedStore } from "../../../src/embedded/etcd/store.ts";
import { until } from "../../support/until.ts";

/** A message as proto-loader gives it; the tests look into it freely. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever field it wants to assert on
export type Message = any;

/** The etcd v3 API without a client library in between. */
export interface RawClient {
  /** @throws Error with grpc's `code` and `details` */
  call(path: string, request: object): Promise<Message>;
  watch(): RawStream;
  keepAlive(): RawStream;
  close(): void;
}

/** A stream whose messages are kept. */
export interface RawStream {
  readonly messages: Message[];
  readonly errors: Error[];
  write(request: object): void;
  /** Waits for the n-th message, counted from 0. */
  message(n: number): Promise<Message>;
  pause(): void;
  resume(): void;
  end(): void;
}

interface Duplexish {
  on(event: string, listener: (value: Message) => void): unknown;
  write(request: object): unknown;
  pause(): unknown;
  resume(): unknown;
  cancel(): void;
}

function rawStream(stream: Duplexish): RawStream {
  const messages: Message[] = [];
  const errors: Error[] = [];
  stream.on("data", (message) => messages.push(message));
  stream.on("error", (error) => errors.push(error));
  return {
    messages,
    errors,
    write: (request) => stream.write(request),
    message: (n) => until(() => messages[n], { what: `message ${n} of the stream`, stepMs: 2 }),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    end: () => stream.cancel(),
  };
}

type Method = (request: object, done: (error: ServiceError | null, response: Message) => void) => void;
type Client = Record<string, Method> & { watch(): Duplexish; leaseKeepAlive(): Duplexish; close(): void };

/** Talks gRPC to `host:port`. */
export function rawGrpc(endpoint: string, channel: ChannelCredentials = credentials.createInsecure()): RawClient {
  const folder = join(dirname(createRequire(import.meta.url).resolve("etcd3/package.json")), "proto");
  const options = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true };
  const { etcdserverpb } = loadPackageDefinition(loadSync(join(folder, "rpc.proto"), options)) as Message;
  const clients = new Map<string, Client>();
  const clientOf = (service: string): Client => {
    const client = clients.get(service) ?? (new etcdserverpb[service](endpoint, channel) as Client);
    clients.set(service, client);
    return client;
  };
  return {
    call: (path, request) => {
      const [service = "", method = ""] = path.split(".");
      const client = clientOf(service);
      return new Promise((resolve, reject) => {
        client[method]?.call(client, request, (error, response) => (error ? reject(error) : resolve(response)));
      });
    },
    watch: () => rawStream(clientOf("Watch").watch()),
    keepAlive: () => rawStream(clientOf("Lease").leaseKeepAlive()),
    close: () => {
      for (const client of clients.values()) client.close();
    },
  };
}

/** Talks to a store in this process. */
export function rawInProcess(store: EmbeddedStore): RawClient {
  const transport = inProcessTransport(store);
  const streams: RawStream[] = [];
  const open = (method: "watch" | "leaseKeepAlive"): RawStream => {
    // the connection is at hand at once; only etcd3 wants it as a promise
    const queue: ((stream: RawStream) => void)[] = [];
    let stream: RawStream | null = null;
    const later = (use: (ready: RawStream) => void) => (stream ? use(stream) : queue.push(use));
    const messages: Message[] = [];
    const errors: Error[] = [];
    void transport.withConnection("Watch", ({ client }) => {
      const duplex = client[method]();
      duplex.on("data", (message) => messages.push(message));
      stream = rawStream(duplex as unknown as Duplexish);
      duplex.on("error", (error) => errors.push(error));
      for (const use of queue) use(stream);
    });
    const facade: RawStream = {
      messages,
      errors,
      write: (request) => later((ready) => ready.write(request)),
      message: (n) => until(() => messages[n], { what: `message ${n} of the stream`, stepMs: 2 }),
      pause: () => later((ready) => ready.pause()),
      resume: () => later((ready) => ready.resume()),
      end: () => later((ready) => ready.end()),
    };
    streams.push(facade);
    return facade;
  };
  return {
    call: (path, request) => {
      const [service = "", method = ""] = path.split(".");
      return transport.exec(service, method.charAt(0).toLowerCase() + method.slice(1), request);
    },
    watch: () => open("watch"),
    keepAlive: () => open("leaseKeepAlive"),
    close: () => {
      for (const stream of streams) stream.end();
    },
  };
}
