import { connect, createServer, type Socket } from "node:net";

/** A way to a server that a test can cut or freeze. */
export interface TcpProxy {
  /** `127.0.0.1:port` */
  readonly endpoint: string;
  /** Resets all connections and refuses new ones, until `mend`. */
  cut(): void;
  /** Passes no byte on, in either direction or none of the answers, until `mend`. */
  freeze(what?: "all" | "answers"): void;
  mend(): void;
  /** Where new connections go from now on. */
  retarget(target: string): void;
  close(): Promise<void>;
}

/** Stands between a client and `target` (`host:port`). */
export async function tcpProxy(target: string): Promise<TcpProxy> {
  let [host, port] = target.split(":");
  const pairs = new Set<readonly [Socket, Socket]>();
  let state: "open" | "cut" | "frozen" = "open";
  const server = createServer((near) => {
    if (state === "cut") return near.resetAndDestroy();
    const far = connect(Number(port), host);
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on("data", (bytes) => to.write(bytes));
      from.on("error", end).on("close", end);
      if (state === "frozen") from.pause();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    endpoint: `127.0.0.1:${(server.address() as { port: number }).port}`,
    cut() {
      state = "cut";
      for (const [near] of pairs) near.resetAndDestroy();
    },
    freeze(what = "all") {
      state = "frozen";
      for (const [near, far] of pairs) for (const socket of what === "all" ? [near, far] : [far]) socket.pause();
    },
    mend() {
      state = "open";
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    retarget(next) {
      [host, port] = next.split(":");
    },
    async close() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}
