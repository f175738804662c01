import { spanOf } from "../state/bytes.ts";
import type { WatchCreate } from "../watch/message.ts";
import type { WatchStream } from "../watch/watch-stream.ts";
import { bytesField, messageOf, numberField, type Wire } from "./fields.ts";

const NOPUT = ["Noput", 0];
const NODELETE = ["Nodelete", 1];

/** Hands one request of a client to its stream of watches. A request without a kind is passed over. */
export function takeWatchRequest(stream: WatchStream, request: Wire): void {
  const create = messageOf(request.create_request);
  const cancel = messageOf(request.cancel_request);
  if (create) stream.create(decodeCreate(create));
  else if (cancel) stream.cancel(numberField(cancel.watch_id));
  else if (messageOf(request.progress_request)) stream.requestProgress();
}

function decodeCreate(message: Wire): WatchCreate {
  const filters: readonly unknown[] = Array.isArray(message.filters) ? message.filters : [];
  return {
    span: spanOf(bytesField(message.key) || "\0", bytesField(message.range_end)), // as etcd: no key is the first one
    startRevision: numberField(message.start_revision),
    progressNotify: message.progress_notify === true,
    noPut: filters.some((filter) => NOPUT.includes(filter as string)),
    noDelete: filters.some((filter) => NODELETE.includes(filter as string)),
    prevKv: message.prev_kv === true,
    watchId: numberField(message.watch_id),
    fragment: message.fragment === true,
  };
}
