import { NO_DETAILS, type ViewerSession } from "../domain/viewer-session.ts";

/** A session as it was at a revision. */
export interface SeenViewers {
  /** Mod revision of its key; 0 for none. */
  readonly modRevision: number;
  readonly session: ViewerSession;
}

// Measured on Node 20: 715 bytes for a session of three tokens, 1,160 where each says three things of itself.
const ENTRY_BYTES = 300;
const TOKEN_BYTES = 140;
const TEXT_BYTES = 50;

/**
 * The sessions last seen, as many as fit into `maxBytes`. Two halves: where the younger is full it becomes the elder, and
 * what the elder held is forgotten at once, unless it was seen again since. (A map from which the oldest is taken one by one
 * costs more the more it has lost: with 90,000 sessions a third of all that a write costs here.)
 */
export class ViewerCache {
  readonly #halfBytes: number;
  #young = new Half();
  #old = new Half();

  constructor(maxBytes: number) {
    this.#halfBytes = maxBytes / 2;
  }

  get bytes(): number {
    return this.#young.bytes + this.#old.bytes;
  }

  get(key: string): SeenViewers | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, seen: SeenViewers): void {
    const bytes = bytesOf(seen);
    if (bytes > this.#halfBytes) return void this.delete(key);
    if (this.#young.bytes + bytes > this.#halfBytes) [this.#old, this.#young] = [this.#young, new Half()];
    this.#young.set(key, seen, bytes);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}

class Half {
  readonly #seen = new Map<string, SeenViewers>();
  bytes = 0;

  get(key: string): SeenViewers | undefined {
    return this.#seen.get(key);
  }

  set(key: string, seen: SeenViewers, bytes: number): void {
    const before = this.#seen.get(key);
    this.bytes += bytes - (before ? bytesOf(before) : 0);
    this.#seen.set(key, seen);
  }

  delete(key: string): void {
    const seen = this.#seen.get(key);
    if (!seen) return;
    this.#seen.delete(key);
    this.bytes -= bytesOf(seen);
  }
}

function bytesOf({ session: { tokens, ended } }: SeenViewers): number {
  let bytes = ENTRY_BYTES + (tokens.length + ended.length) * TOKEN_BYTES;
  for (const { details } of tokens) if (details !== NO_DETAILS) bytes += textBytes(Object.values(details));
  for (const { note, by } of ended) bytes += textBytes(by ? [note, ...Object.values(by)] : [note]);
  return bytes;
}

function textBytes(texts: readonly (string | null)[]): number {
  let bytes = 0;
  for (const text of texts) if (text !== null) bytes += TEXT_BYTES + 2 * text.length;
  return bytes;
}
