import type { CallOptions, Client, Metadata, ServiceError } from "@grpc/grpc-js";
import type { Etcd3, IDuplexStream } from "etcd3";
import { driver } from "./driver.ts";
import type { Txn, TxnAnswer } from "./txn.ts";
import { decodeTxnAnswer, encodeTxn } from "./txn-codec.ts";
import { decodeWatchMessage, encodeWatch } from "./watch-codec.ts";
import type { WatchMessage, WatchRange } from "./watch-message.ts";
import { fromMessage, fromWatchMessage, toMessage, toWatchMessage } from "./wire.ts";

/*
 * Transactions and watches over etcd3's connections, with bytes of our own making: they are nearly all that rig says to
 * etcd and hears from it. A store in this process takes no bytes, but etcd3's messages.
 */

/** Sends a transaction once. What fails is etcd3's own error. */
export function sendTxn(client: Etcd3, txn: Txn, options: CallOptions): Promise<TxnAnswer> {
  const pool = poolOf(client);
  if (pool.mockImpl) return client.kv.txn(toMessage(txn), options).then(fromMessage);
  return pool.withConnection(
    "KV",
    ({ client: service, metadata }) =>
      new Promise<TxnAnswer>((resolve, reject) => {
        const onAnswer = (error: ServiceError | null, answer?: TxnAnswer) =>
          answer ? resolve(answer) : reject(driver.castGrpcError(error ?? new Error("no answer")));
        service.makeUnaryRequest(TXN, encodeTxn, decodeTxnAnswer, txn, metadata, options, onAnswer);
      }),
  );
}

/** A stream of what etcd tells of one watch. */
export interface WatchCall {
  /** Asks for the watch, once, and tells what comes of it; `onOver` may be called more than once. */
  start(range: WatchRange, onMessage: (message: WatchMessage) => void, onOver: (error: Error) => void): void;
  end(): void;
  cancel(): void;
}

/** Opens a stream for a watch. What fails is etcd3's own error. */
export async function callWatch(client: Etcd3, options: CallOptions): Promise<WatchCall> {
  const pool = poolOf(client);
  if (pool.mockImpl) return watchCall(await client.watchClient.watch(options), toWatchMessage, fromWatchMessage);
  return pool.withConnection("Watch", async ({ client: service, metadata, resource }) => {
    const stream = service.makeBidiStreamRequest(WATCH, encodeWatch, decodeWatchMessage, metadata, options);
    stream.on("error", (error) => stream.writable && pool.markFailed(resource, error));
    return watchCall<WatchRange, WatchMessage>(stream, same, same);
  });
}

function watchCall<Asked, Told>(
  stream: IDuplexStream<Asked, Told>,
  ask: (range: WatchRange) => Asked,
  read: (told: Told) => WatchMessage,
): WatchCall {
  return {
    start(range, onMessage, onOver) {
      stream.on("data", (told) => onMessage(read(told)));
      stream.on("error", onOver);
      stream.on("end", () => onOver(new Error("watch stream ended")));
      stream.write(ask(range));
    },
    end: () => stream.end(),
    cancel: () => stream.cancel(),
  };
}

const same = <T>(message: T): T => message;

const TXN = "/etcdserverpb.KV/Txn";
const WATCH = "/etcdserverpb.Watch/Watch";

/** What etcd3 1.1.2 keeps its connections in. */
interface Pool {
  /** A store in this process stands in for all connections. */
  readonly mockImpl?: unknown;
  withConnection<T>(service: string, use: (connection: Connection) => Promise<T>): Promise<T>;
  /** Gives its connections up, where the error is one of them. */
  markFailed(resource: unknown, error: Error): void;
}

interface Connection {
  readonly client: Client;
  readonly metadata: Metadata;
  readonly resource: unknown;
}

const poolOf = (client: Etcd3): Pool => (client.kv as unknown as { readonly client: Pool }).client;
