import { randomBytes } from "node:crypto";

const VERSION = 3;
const BLOCK_BYTES = 1536;
const HELLO_BYTES = 1 + BLOCK_BYTES;
const TOTAL_BYTES = HELLO_BYTES + BLOCK_BYTES;

/** What to do after some bytes came: `rest` is what follows the handshake, null while it goes on. */
export interface HandshakeStep {
  readonly failed: boolean;
  readonly reply: Buffer | null;
  readonly rest: Buffer | null;
}

const WAIT: HandshakeStep = { failed: false, reply: null, rest: null };
const FAILED: HandshakeStep = { failed: true, reply: null, rest: null };

/** Version, time 0, four zero bytes (so the peer asks for no digest) and 1528 random ones. */
const hello = (): Buffer => {
  const block = Buffer.alloc(HELLO_BYTES);
  block[0] = VERSION;
  randomBytes(BLOCK_BYTES - 8).copy(block, 9);
  return block;
};

/** The plain RTMP handshake of either side. Holds 3073 bytes, answers as soon as it can, never throws. */
export class Handshake {
  readonly #role: "server" | "client";
  readonly #received = Buffer.alloc(TOTAL_BYTES);
  #length = 0;

  constructor(role: "server" | "client") {
    this.#role = role;
  }

  /** What a client says first; null for a server. */
  open(): Buffer | null {
    return this.#role === "client" ? hello() : null;
  }

  push(bytes: Buffer): HandshakeStep {
    const before = this.#length;
    const taken = bytes.copy(this.#received, before);
    this.#length += taken;
    if (this.#length > 0 && this.#received[0] !== VERSION) return FAILED;
    const reply = before < HELLO_BYTES && this.#length >= HELLO_BYTES ? this.#answer() : null;
    if (this.#length === TOTAL_BYTES) return { failed: false, reply, rest: bytes.subarray(taken) };
    return reply ? { failed: false, reply, rest: null } : WAIT;
  }

  /** The peer's own block as an exact echo; a server says hello before it. */
  #answer(): Buffer {
    const echo = Buffer.from(this.#received.subarray(1, HELLO_BYTES));
    return this.#role === "server" ? Buffer.concat([hello(), echo]) : echo;
  }
}
