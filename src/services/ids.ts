/** New identifiers and keys; random, so handed in. */
export interface Ids {
  /** A ULID: 26 characters, sorted by time. */
  ulid(): string;
  /** A new stream key: at least 128 random bits, `[A-Za-z0-9_-]`. */
  streamKey(): string;
}
