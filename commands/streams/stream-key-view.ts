import type { Secret } from "../../src/domain/secret.ts";
import type { View } from "../../src/runtime/cli/output.ts";

/** A stream key just made, with what it is good for. */
export interface NewStreamKey {
  /** The stream's. */
  readonly id: string;
  readonly streamKey: Secret;
  readonly publishUrl: string;
}

/** The one place where a stream key is printed: whoever asked for a new one gets it here, and never again. */
export const streamKeyView: View<NewStreamKey> = {
  columns: [
    { head: "STREAM", cell: ({ id }) => id },
    { head: "PUBLISH TO", cell: ({ publishUrl }) => publishUrl },
    { head: "STREAM KEY", cell: ({ streamKey }) => streamKey.open() },
  ],
  json: ({ id, streamKey, publishUrl }) => ({ id, streamKey: streamKey.open(), publishUrl }),
  name: ({ id }) => id,
};
