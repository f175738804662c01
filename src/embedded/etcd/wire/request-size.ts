import type { Operation } from "../state/requests.ts";

// what protobuf adds to the bytes of an operation, roughly
const OPERATION_BYTES = 16;

/** How many bytes a request is on the wire, close enough to hold it against a limit. */
export function requestBytes(operation: Operation): number {
  switch (operation.op) {
    case "range":
      return OPERATION_BYTES + operation.span.start.length + (operation.span.end?.length ?? 0);
    case "put":
      return OPERATION_BYTES + operation.key.length + operation.value.length;
    case "delete":
      return OPERATION_BYTES + operation.span.start.length + operation.rangeEnd.length;
    case "txn": {
      let bytes = OPERATION_BYTES;
      for (const { span, target } of operation.compares)
        bytes += OPERATION_BYTES + span.start.length + (target.of === "value" ? target.value.length : 0);
      for (const inner of operation.success) bytes += requestBytes(inner);
      for (const inner of operation.failure) bytes += requestBytes(inner);
      return bytes;
    }
    case "empty":
      return OPERATION_BYTES;
  }
}
