import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** A connection that a test writes byte by byte, and all that came back. */
export interface RawConnection {
  readonly socket: Socket;
  /** What came so far. */
  text(): string;
  write(text: string): void;
  /** Resolves with all that came, once the other side has closed. */
  readonly closed: Promise<string>;
}

/** Opens a plain connection, or with `ca` a TLS one, to a server on 127.0.0.1. */
export async function openRaw(port: number, ca?: string): Promise<RawConnection> {
  const socket = ca === undefined ? connect(port, "127.0.0.1") : connectTls({ port, host: "127.0.0.1", ca });
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  socket.on("error", () => {}); // a reset is one way to close
  const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(text)));
  await new Promise<void>((resolve, reject) => {
    socket.once(ca === undefined ? "connect" : "secureConnect", resolve);
    socket.once("error", reject);
  });
  return { socket, text: () => text, write: (more) => socket.write(more, "latin1"), closed };
}
