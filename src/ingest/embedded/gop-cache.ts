import type { LiveFrame } from "./live-frame.ts";

/**
 * The newest group of pictures: everything since the last key frame, sound included. A group that grows over
 * `maxBytes` is forgotten until the next key frame.
 */
export class GopCache {
  readonly #maxBytes: number;
  #frames: LiveFrame[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** From the key frame on; empty where there is none, or it was too much. */
  get frames(): readonly LiveFrame[] {
    return this.#frames;
  }

  take(frame: LiveFrame): void {
    if (frame.kind === "key") this.#clear();
    else if (this.#frames.length === 0) return;
    this.#frames.push(frame);
    this.#bytes += frame.payload.length;
    if (this.#bytes > this.#maxBytes) this.#clear();
  }

  #clear(): void {
    this.#frames = [];
    this.#bytes = 0;
  }
}
