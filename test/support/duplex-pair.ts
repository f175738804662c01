import { Duplex } from "node:stream";

/** Two ends of a connection inside this process, with back-pressure between them. */
export function duplexPair(): [Duplex, Duplex] {
  const [a, b] = [new End(), new End()];
  a.join(b);
  b.join(a);
  return [a, b];
}

class End extends Duplex {
  #other: End | null = null;
  #written: (() => void) | null = null;

  constructor() {
    super({ allowHalfOpen: false });
  }

  join(other: End): void {
    this.#other = other;
  }

  override _read(): void {
    const written = this.#written;
    this.#written = null; // before the call: the next write may come inside it
    written?.();
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#other?.deliver(bytes, done);
  }

  override _final(done: () => void): void {
    this.#other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#written?.();
    if (!this.#other?.destroyed) this.#other?.push(null);
    done(error);
  }

  deliver(bytes: Buffer, done: () => void): void {
    if (this.destroyed || this.push(bytes)) done();
    else this.#written = done;
  }
}
