import { connect, type Socket } from "node:net";
import { systemClock } from "../../src/runtime/clock.ts";

/** What 64 clients that ask one after the other came to. */
export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  /** Answers that were not 200. */
  readonly refused: number;
  readonly p99Ms: number;
}

interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  readonly ms: number;
  /** The headers of the next request, each line ended with CRLF, and its path. */
  readonly next: () => { readonly path: string; readonly headers: string };
  readonly signal: AbortSignal;
}

/** Asks over plain sockets, so that as little as can be of the machine goes to whoever asks. */
export async function httpLoad({ url, connections, ms, next, signal }: LoadOptions): Promise<Load> {
  const { hostname, port, host } = new URL(url);
  const startedAt = systemClock.monotonic();
  const endsAt = startedAt + ms;
  const times: number[] = [];
  let refused = 0;
  const client = async () => {
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    const read = reader(socket);
    while (systemClock.monotonic() < endsAt && !signal.aborted) {
      const { path, headers } = next();
      const askedAt = systemClock.monotonic();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`, "latin1");
      if ((await read()) !== 200) refused += 1;
      times.push(systemClock.monotonic() - askedAt);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, client));
  times.sort((a, b) => a - b);
  const seconds = (systemClock.monotonic() - startedAt) / 1_000;
  const p99Ms = times[Math.floor(times.length * 0.99)] ?? 0;
  return { requests: times.length, perSecond: times.length / seconds, refused, p99Ms };
}

/** Gives the status of each answer, which must tell its length. */
function reader(socket: Socket): () => Promise<number> {
  let text = "";
  let done: (status: number) => void = () => {};
  let failed: (error: Error) => void = () => {};
  socket.setEncoding("latin1");
  socket.on("error", (error) => failed(error));
  socket.on("close", () => failed(new Error("the server closed a connection")));
  socket.on("data", (chunk: string) => {
    text += chunk;
    const head = text.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1]);
    if (text.length < head + 4 + length) return;
    const status = Number(text.slice(9, 12));
    text = "";
    done(status);
  });
  return () =>
    new Promise((resolve, reject) => {
      done = resolve;
      failed = reject;
    });
}
