import { watchedSpan } from "../state/bytes.ts";
import type { WatchCreate, WatchRequest } from "../watch/message.ts";
import { bytesField, messageOf, numberField, type Wire } from "./fields.ts";

const NOPUT = ["Noput", 0];
const NODELETE = ["Nodelete", 1];

/** What a message of a client asks of its stream of watches. */
export function decodeWatchRequest(request: Wire): WatchRequest {
  const create = messageOf(request.create_request);
  if (create) return { ask: "create", wish: decodeCreate(create) };
  const cancel = messageOf(request.cancel_request);
  if (cancel) return { ask: "cancel", watchId: numberField(cancel.watch_id) };
  return { ask: messageOf(request.progress_request) ? "progress" : "nothing" };
}

function decodeCreate(message: Wire): WatchCreate {
  const filters: readonly unknown[] = Array.isArray(message.filters) ? message.filters : [];
  return {
    span: watchedSpan(bytesField(message.key), bytesField(message.range_end)),
    startRevision: numberField(message.start_revision),
    progressNotify: message.progress_notify === true,
    noPut: filters.some((filter) => NOPUT.includes(filter as string)),
    noDelete: filters.some((filter) => NODELETE.includes(filter as string)),
    prevKv: message.prev_kv === true,
    watchId: numberField(message.watch_id),
    fragment: message.fragment === true,
  };
}
