/** The time that a connection needs; rig's Clock is one. */
export interface RtmpClock {
  /** Milliseconds on a clock that never jumps. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Bounds of one connection: what it may hold in memory and how long it may take. */
export interface RtmpLimits {
  /** From the first byte to the end of the handshake. */
  readonly handshakeMs: number;
  /** From the handshake to `connect`, and for a client until its answer. */
  readonly connectMs: number;
  /** From `connect` to `publish` or `play`, and for a client until its answer. */
  readonly roleMs: number;
  /** A server asks for a sign of life this often. */
  readonly pingMs: number;
  /** … and hangs up where no byte at all came within this time after asking. */
  readonly pingAnswerMs: number;
  /** Bytes are queued and none of them has left for this long: the peer has stopped reading. */
  readonly stallMs: number;
  /** How long an orderly end may take: flush, FIN, the peer's FIN. */
  readonly endMs: number;
  /** … and that of a player, which may have much to read before its stream ends. */
  readonly playerEndMs: number;
  /** One message of a publisher. */
  readonly maxMessageBytes: number;
  /** One command, and any message before `publish` was asked for. */
  readonly maxCommandBytes: number;
  /** All messages of one connection that have begun and not ended. */
  readonly maxPartialBytes: number;
  /** Chunk streams that one connection may open. */
  readonly maxChunkStreams: number;
  /** Net streams that one connection may create. */
  readonly maxNetStreams: number;
  /** Commands before `publish` or `play`. */
  readonly maxCommands: number;
  /** Media that came before the verdict on `publish`; then reading pauses. */
  readonly maxHeldBytes: number;
  /** Bytes queued for the peer; beyond it the connection is cut. */
  readonly maxQueuedBytes: number;
  /** Our own chunk size, told to the peer. ffmpeg answers with the same. */
  readonly chunkSize: number;
  /** Our window: the peer acknowledges at least this often. */
  readonly windowBytes: number;
}

/** What suits encoders on bad lines and holds an attacker's connection to a few MiB and a few seconds. */
export const DEFAULT_LIMITS: RtmpLimits = {
  handshakeMs: 5_000,
  connectMs: 5_000,
  roleMs: 10_000,
  pingMs: 20_000,
  pingAnswerMs: 10_000,
  stallMs: 60_000,
  endMs: 2_000,
  playerEndMs: 10_000,
  maxMessageBytes: 8 * 1024 * 1024,
  maxCommandBytes: 64 * 1024,
  maxPartialBytes: 12 * 1024 * 1024,
  maxChunkStreams: 64,
  maxNetStreams: 8,
  maxCommands: 64,
  maxHeldBytes: 1024 * 1024,
  maxQueuedBytes: 16 * 1024 * 1024,
  chunkSize: 4096,
  windowBytes: 2_500_000,
};
