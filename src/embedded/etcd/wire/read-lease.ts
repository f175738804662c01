import type { ProtoReader } from "../../../runtime/protobuf/proto-reader.ts";
import { type LeaseId, NO_LEASE } from "../state/record.ts";

/** What a LeaseKeepAliveRequest asks for, out of its bytes. @throws RangeError for what is none */
export function readLeaseId(reader: ProtoReader): LeaseId {
  let id = NO_LEASE;
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) id = reader.long();
    else reader.skip();
  }
  return id;
}
