import { connect, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { startSink } from "../../src/rtmp/sink.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { createCa, issueCertificate } from "../../src/runtime/tls/authority.ts";
import { freePort } from "./free-port.ts";

/** A destination that does something wrong. */
export interface BadDestination {
  readonly url: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

async function listen(server: ReturnType<typeof createServer>, scheme = "rtmp"): Promise<BadDestination> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => server.listen(0, HOST, listening));
  return {
    url: `${scheme}://${HOST}:${(server.address() as { port: number }).port}/app`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}

/** Nobody listens there. */
export const deadDestination = async (): Promise<BadDestination> => ({
  url: `rtmp://${HOST}:${await freePort()}/app`,
  close: async () => {},
});

/** A name that the DNS does not know. */
export const unknownHost = async (): Promise<BadDestination> => ({
  url: "rtmp://no-such-host.invalid/app",
  close: async () => {},
});

/** Accepts TCP and says nothing, ever. */
export const mutedDestination = (): Promise<BadDestination> => listen(createServer((socket) => void socket.resume()));

/** Speaks TLS by a certificate of a CA that nobody knows. */
export async function untrustedDestination(): Promise<BadDestination> {
  const ca = await createCa({ clock, name: "nobody's CA" });
  const issued = await issueCertificate({ ca, kind: "server", name: "sink", hosts: [HOST], clock });
  const server = createTlsServer({ cert: issued.certificate, key: issued.privateKey.open() });
  server.on("tlsClientError", () => {});
  return listen(server, "rtmps");
}

/** Says no to each publish by a status, as for a wrong destination key. */
export async function rejectingDestination(): Promise<BadDestination> {
  const refuse = () => "no such destination key";
  const { port, close } = await startSink({ clock, host: HOST, port: 0, refuse });
  return { url: `rtmp://${HOST}:${port}/app`, close };
}

/** Accepts each publish and closes the connection at once, as some servers do for a wrong destination key. */
export async function closingDestination(): Promise<BadDestination> {
  const onPublish = ({ connection }: { connection: { end(): void } }) => connection.end();
  const { port, close } = await startSink({ clock, host: HOST, port: 0, record: false, onPublish });
  return { url: `rtmp://${HOST}:${port}/app`, close };
}

/** Takes all that comes, but never more than so many bytes a second. */
export async function slowDestination(bytesPerSecond: number): Promise<BadDestination> {
  const sink = await startSink({ clock, host: HOST, port: 0, record: false });
  const door = await listen(createServer((near) => passSlowly(near, sink.port, bytesPerSecond)));
  return {
    ...door,
    async close() {
      await door.close();
      await sink.close();
    },
  };
}

const TICK_MS = 100;
const HANDSHAKE_BYTES = 16 * 1024; // the conversation before the media is not slowed down

function passSlowly(near: Socket, port: number, bytesPerSecond: number): void {
  const far = connect(port, HOST);
  let budget = HANDSHAKE_BYTES;
  const tick = setInterval(() => {
    budget = Math.min(budget + (bytesPerSecond * TICK_MS) / 1000, HANDSHAKE_BYTES);
    if (budget > 0) near.resume();
  }, TICK_MS);
  near.on("data", (bytes) => {
    far.write(bytes);
    budget -= bytes.length;
    if (budget <= 0) near.pause();
  });
  far.pipe(near);
  for (const socket of [near, far])
    socket
      .on("error", () => {})
      .on("close", () => {
        clearInterval(tick);
        near.destroy();
        far.destroy();
      });
}
