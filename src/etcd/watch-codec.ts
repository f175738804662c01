import { ProtoReader } from "../runtime/protobuf/proto-reader.ts";
import { ProtoWriter } from "../runtime/protobuf/proto-writer.ts";
import { readKeyValue } from "./txn-codec.ts";
import type { WatchEvent, WatchMessage, WatchRange } from "./watch-message.ts";

/* etcd's watches in bytes (rpc.proto of etcd 3.4). */

const writer = new ProtoWriter();

/** A WatchRequest that creates a watch. */
export function encodeWatch({ key, rangeEnd, fromRevision }: WatchRange): Buffer {
  writer.begin();
  writer.number(8, 1); // in fragments: a thousand revisions come at once to one who lags, more than gRPC takes in one message
  writer.number(3, fromRevision);
  writer.bytes(2, rangeEnd);
  writer.bytes(1, key);
  writer.message(1, 0);
  return writer.end();
}

/** A WatchResponse. @throws RangeError where it is none */
export function decodeWatchMessage(bytes: Buffer): WatchMessage {
  const reader = new ProtoReader(bytes);
  let [created, canceled, fragment, compactRevision, cancelReason] = [false, false, false, 0, ""];
  const events: WatchEvent[] = [];
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 3) created = reader.number() !== 0;
    else if (field === 4) canceled = reader.number() !== 0;
    else if (field === 5) compactRevision = reader.number();
    else if (field === 6) cancelReason = reader.text();
    else if (field === 7) fragment = reader.number() !== 0;
    else if (field === 11) events.push(readEvent(reader.message()));
    else reader.skip();
  }
  return { created, canceled, fragment, compactRevision, cancelReason, events };
}

function readEvent(reader: ProtoReader): WatchEvent {
  let type: WatchEvent["type"] = "put";
  let entry = NO_ENTRY;
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) type = reader.number() === 1 ? "delete" : "put";
    else if (field === 2) entry = readKeyValue(reader.message());
    else reader.skip();
  }
  return { type, entry };
}

const NO_ENTRY: WatchEvent["entry"] = {
  ...{ key: "", value: Buffer.alloc(0), createRevision: 0, modRevision: 0, leaseId: "0" },
};
