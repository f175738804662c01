import { connect as connectTcp, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { type ClientOptions, RtmpClient } from "./client-connection.ts";
import { RtmpError } from "./rtmp-error.ts";

const DIAL_MS = 10_000;

export interface ConnectOptions extends Omit<ClientOptions, "tcUrl"> {
  readonly host: string;
  readonly port: number;
  /** Left out for plain RTMP; `{}` checks the certificate against the usual CAs and the host's name. */
  readonly tls?: ConnectionOptions;
  /** Made of host, port and app where it is left out. */
  readonly tcUrl?: string;
}

/**
 * Connects to an RTMP(S) server and says `connect`.
 * @throws RtmpError SOCKET (no connection; the system's error is its cause), TIMEOUT, HANDSHAKE, REFUSED, …
 */
export async function connectRtmp({ host, port, tls, ...options }: ConnectOptions): Promise<RtmpClient> {
  const scheme = tls ? "rtmps" : "rtmp";
  const tcUrl = options.tcUrl ?? `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}/${options.app}`;
  const socket = tls
    ? connectTls({ host, port, ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }), ...tls })
    : connectTcp({ host, port });
  await dial(socket, tls ? "secureConnect" : "connect", options);
  socket.setNoDelay(true);
  return await connectOver(socket, { ...options, tcUrl });
}

/** The same over a stream that is connected already. */
export const connectOver = (duplex: Duplex, options: ClientOptions): Promise<RtmpClient> =>
  new RtmpClient(duplex, options).connected();

/** Resolves when the socket is connected; destroys it otherwise. */
async function dial(
  socket: Socket,
  event: "connect" | "secureConnect",
  { clock, signal }: Pick<ClientOptions, "clock" | "signal">,
): Promise<void> {
  const done = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (cause: Error) => reject(new RtmpError("SOCKET", cause.message, { cause }));
      socket.once(event, () => resolve());
      socket.once("error", fail);
      signal?.addEventListener("abort", () => fail(new Error("aborted")), { signal: done.signal });
      if (signal?.aborted) fail(new Error("aborted"));
      void clock.sleep(DIAL_MS, done.signal).then(() => {
        reject(new RtmpError("TIMEOUT", `no connection within ${DIAL_MS} ms`));
      });
    });
  } catch (error) {
    socket.on("error", () => {}); // it has failed already: what else it says is told to nobody
    socket.destroy();
    throw error;
  } finally {
    done.abort();
  }
}
