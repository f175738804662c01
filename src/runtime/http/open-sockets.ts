import type { Server } from "node:http";
import type { Socket } from "node:net";

/** The connections of one server, and which of them have a request in flight. */
export interface OpenSockets {
  /** Counts a request on its connection until `done` is called. */
  begin(socket: Socket): { done(): void };
  /** Ends every connection without a request in flight, half-open handshakes too. */
  closeIdle(): void;
  closeAll(): void;
}

/**
 * Node's own `closeIdleConnections` knows neither TLS handshakes nor connections that never sent a request, and both
 * keep a server from closing; so the raw sockets are counted here. A TLS socket is known by its two ends.
 */
export function trackSockets(server: Server): OpenSockets {
  const open = new Map<string, { socket: Socket; requests: number }>();
  server.on("connection", (socket: Socket) => {
    const name = nameOf(socket);
    open.set(name, { socket, requests: 0 });
    socket.once("close", () => open.delete(name));
  });
  return {
    begin(socket) {
      const entry = open.get(nameOf(socket));
      if (entry) entry.requests += 1;
      return {
        done() {
          if (entry) entry.requests -= 1;
        },
      };
    },
    closeIdle() {
      for (const { socket, requests } of open.values()) if (requests === 0) socket.destroy();
    },
    closeAll() {
      for (const { socket } of open.values()) socket.destroy();
    },
  };
}

const nameOf = (socket: Socket): string =>
  `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`;
