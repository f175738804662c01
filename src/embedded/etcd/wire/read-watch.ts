import type { ProtoReader } from "../../../runtime/protobuf/proto-reader.ts";
import { watchedSpan } from "../state/bytes.ts";
import type { WatchCreate, WatchRequest } from "../watch/message.ts";

const NO_PUT = 0;
const NO_DELETE = 1;

/** A WatchRequest out of its bytes. @throws RangeError for what is none */
export function readWatchRequest(reader: ProtoReader): WatchRequest {
  let request: WatchRequest = { ask: "nothing" };
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) request = { ask: "create", wish: readCreate(reader.message()) };
    else if (field === 2) request = { ask: "cancel", watchId: readWatchId(reader.message()) };
    else if (field === 3) request = readProgress(reader);
    else reader.skip();
  }
  return request;
}

function readCreate(reader: ProtoReader): WatchCreate {
  let [key, rangeEnd, startRevision, watchId] = ["", "", 0, 0];
  let [progressNotify, prevKv, fragment, noPut, noDelete] = [false, false, false, false, false];
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) key = reader.latin1();
    else if (field === 2) rangeEnd = reader.latin1();
    else if (field === 3) startRevision = reader.number();
    else if (field === 4) progressNotify = reader.number() !== 0;
    else if (field === 5) {
      const filters = reader.numbers();
      noPut ||= filters.includes(NO_PUT);
      noDelete ||= filters.includes(NO_DELETE);
    } else if (field === 6) prevKv = reader.number() !== 0;
    else if (field === 7) watchId = reader.number();
    else if (field === 8) fragment = reader.number() !== 0;
    else reader.skip();
  }
  const span = watchedSpan(key, rangeEnd);
  return { span, startRevision, progressNotify, noPut, noDelete, prevKv, watchId, fragment };
}

/** A WatchCancelRequest. */
function readWatchId(reader: ProtoReader): number {
  let watchId = 0;
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) watchId = reader.number();
    else reader.skip();
  }
  return watchId;
}

function readProgress(reader: ProtoReader): WatchRequest {
  reader.skip();
  return { ask: "progress" };
}
