import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The connections of one server, and the answers that are on their way on each. */
export interface OpenSockets {
  /** Counts an answer until `done` is called, or its connection is gone: of pipelined ones Node tells no end then. */
  begin(response: ServerResponse): { done(): void };
  /** All that are on their way. */
  answers(): readonly ServerResponse[];
  /** Ends every connection without one, half-open handshakes too. */
  closeIdle(): void;
  closeAll(): void;
}

/**
 * Node's own `closeIdleConnections` knows neither TLS handshakes nor connections that never sent a request, and both
 * keep a server from closing; so the raw sockets are counted here. A TLS socket is known by its two ends.
 */
export function trackSockets(server: Server): OpenSockets {
  const open = new Map<string, { socket: Socket; answers: Set<ServerResponse> }>();
  server.on("connection", (socket: Socket) => {
    const name = nameOf(socket);
    open.set(name, { socket, answers: new Set() });
    socket.once("close", () => open.delete(name));
  });
  return {
    begin(response) {
      const answers = open.get(nameOf(response.req.socket))?.answers;
      answers?.add(response);
      return { done: () => void answers?.delete(response) };
    },
    answers: () => [...open.values()].flatMap(({ answers }) => [...answers]),
    closeIdle() {
      for (const { socket, answers } of open.values()) if (answers.size === 0) socket.destroy();
    },
    closeAll() {
      for (const { socket } of open.values()) socket.destroy();
    },
  };
}

const nameOf = (socket: Socket): string =>
  `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`;
