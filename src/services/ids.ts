/** New identifiers and keys; random, so handed in. */
export interface Ids {
  /** A ULID: 26 characters, sorted by time. */
  ulid(): string;
  /** A new stream key: at least 128 random bits, `[A-Za-z0-9_-]`. */
  streamKey(): string;
}

/** SHA-256 of a text: what is kept of a stream key. */
export type Sha256 = (text: string) => Buffer;
