import { ProtoReader } from "../../runtime/protobuf/proto-reader.ts";
import type { ApiPorts } from "./api-ports.ts";
import { performOperation, renewLease } from "./perform.ts";
import type { Operation } from "./state/requests.ts";
import { refuse } from "./store-error.ts";
import type { WatchStream } from "./watch/watch-stream.ts";
import { AnswerWriter } from "./wire/answer-writer.ts";
import { readDelete, readPut, readRange, readTxn } from "./wire/read-kv.ts";
import { readLeaseId } from "./wire/read-lease.ts";
import { readWatchRequest } from "./wire/read-watch.ts";

/** The calls that are nearly all that clients say, from bytes to bytes. What is no message of the call is INTERNAL, as in etcd. */
export interface ByteCalls {
  /** By `Service.Method` as in rpc.proto; undefined for those that take messages. */
  unary(path: string): ByteUnary | undefined;
  /** Answers one message of a keep-alive stream. @throws StoreError */
  keepAlive(request: Buffer): Promise<Buffer>;
  /** Starts a stream of watches. `send` answers false to hold back until `drained()`. */
  watch(send: (message: Buffer) => boolean): ByteWatches;
}

/** One call with one answer. @throws StoreError */
export type ByteUnary = (request: Buffer) => Promise<Buffer>;

/** A stream of watches. */
export interface ByteWatches extends Pick<WatchStream, "drained" | "end"> {
  /** Does what a client asks. @throws StoreError */
  take(request: Buffer): void;
}

/** Answers in bytes. */
export function byteCalls(ports: ApiPorts): ByteCalls {
  const writer = new AnswerWriter(ports.member);
  const perform =
    (read: (reader: ProtoReader) => Operation): ByteUnary =>
    async (request) =>
      writer.result(await performOperation(ports, parse(request, read)));
  const calls = new Map<string, ByteUnary>([
    ["KV.Range", perform(readRange)],
    ["KV.Put", perform(readPut)],
    ["KV.DeleteRange", perform(readDelete)],
    ["KV.Txn", perform((reader) => readTxn(reader))],
  ]);
  return {
    unary: (path) => calls.get(path),
    async keepAlive(request) {
      const id = parse(request, readLeaseId);
      const ttlSeconds = await renewLease(ports, id);
      return writer.keepAlive(ports.engine.hub.durableRevision, id, ttlSeconds);
    },
    watch(send) {
      const watches = ports.engine.hub.open({ send: (message) => send(writer.watchMessage(message)) });
      return {
        take: (request) => watches.take(parse(request, readWatchRequest)),
        drained: () => watches.drained(),
        end: () => watches.end(),
      };
    },
  };
}

function parse<T>(bytes: Buffer, read: (reader: ProtoReader) => T): T {
  try {
    return read(new ProtoReader(bytes));
  } catch (error) {
    throw error instanceof RangeError ? refuse.malformed(error) : error;
  }
}
