import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { RtmpServerConnection, type ServerOptions } from "./server-connection.ts";
import type { RtmpHandlers } from "./server-handlers.ts";

export interface ListenOptions extends ServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /**
   * Called for each connection with its address: the handlers for it, or null to hang up at once.
   * `closed` of what it returns is called when the connection is over.
   */
  readonly accept: (remoteAddress: string) => RtmpAcceptance | null;
}

/** What serves one connection. */
export interface RtmpAcceptance {
  readonly handlers: RtmpHandlers;
  /** Called before any handler. */
  opened?(connection: RtmpServerConnection): void;
}

export interface RtmpListener {
  readonly port: number;
  /** Takes no new connection, ends the others in order, resolves when all are gone. Safe to repeat. */
  close(): Promise<void>;
  /** Cuts every connection that is there now. */
  destroyConnections(): void;
}

/** Serves RTMP on a TCP port. @throws the listen error (EADDRINUSE, …) as Node gives it */
export async function listenRtmp({ host, port, accept, ...options }: ListenOptions): Promise<RtmpListener> {
  const connections = new Set<RtmpServerConnection>();
  const server = createServer({ noDelay: true }, (socket) => {
    const acceptance = accept(plainAddress(socket));
    if (!acceptance) {
      socket.destroy();
      return;
    }
    const connection = new RtmpServerConnection(socket, acceptance.handlers, options);
    connections.add(connection);
    acceptance.opened?.(connection);
    void connection.closed.then(() => connections.delete(connection));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", () => {}); // a failed accept (no descriptors left) costs that connection alone
  let closing: Promise<unknown> | null = null;
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      closing ??= new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.end();
      await Promise.all([closing, ...[...connections].map(({ closed }) => closed)]);
    },
    destroyConnections: () => {
      for (const connection of connections) connection.destroy();
    },
  };
}

/** The peer's address; IPv4 in its own form on a dual-stack socket. */
const plainAddress = (socket: Socket): string => (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
