/** Why a connection failed; a peer that closes in order is no failure. */
export type RtmpErrorCode =
  | "HANDSHAKE" // not RTMP version 3
  | "PROTOCOL" // bytes that mean nothing
  | "LIMIT" // more than a limit allows
  | "TIMEOUT" // a deadline of limits.ts passed
  | "REFUSED" // the peer said no; `status` has its code
  | "CLOSED" // the connection ended before what was asked for was done
  | "SOCKET" // the transport failed; see `cause`
  | "HANDLER"; // the code that uses this connection threw; see `cause`

interface RtmpErrorOptions {
  readonly cause?: unknown;
  /** `NetStream.Publish.BadName` and the like, where the peer sent one. */
  readonly status?: string;
}

/** The one error of this room. Servers hand it to `closed`, clients also reject with it. */
export class RtmpError extends Error {
  override readonly name = "RtmpError";
  readonly code: RtmpErrorCode;
  readonly status: string | null;

  constructor(code: RtmpErrorCode, message: string, { cause, status }: RtmpErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status ?? null;
  }
}
