import type { ViewerSession } from "../domain/viewer-session.ts";

/** A session as it was at a revision. */
export interface SeenViewers {
  /** Mod revision of its key; 0 for none. */
  readonly modRevision: number;
  readonly session: ViewerSession;
}

const ENTRY_BYTES = 600; // measured: the key, the map's share, the objects around the tokens
const TOKEN_BYTES = 250;

/** The sessions last seen, as many as fit into `maxBytes`; those used longest ago are forgotten first. */
export class ViewerCache {
  readonly #seen = new Map<string, SeenViewers>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): SeenViewers | undefined {
    return this.#seen.get(key);
  }

  set(key: string, seen: SeenViewers): void {
    this.delete(key);
    this.#seen.set(key, seen);
    this.#bytes += bytesOf(seen);
    for (const [oldest] of this.#seen) {
      if (this.#bytes <= this.#maxBytes) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const seen = this.#seen.get(key);
    if (!seen) return;
    this.#seen.delete(key);
    this.#bytes -= bytesOf(seen);
  }
}

const bytesOf = ({ session: { tokens, ended } }: SeenViewers): number =>
  ENTRY_BYTES + (tokens.length + ended.length) * TOKEN_BYTES;
