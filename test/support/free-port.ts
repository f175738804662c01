import { createServer } from "node:net";

// Below the range that Linux takes ports for outgoing connections from: nobody gets them before they are used, or while
// who listens there is down. So is each plus 10,000, which a node of a Redis cluster listens on too. A part for each of the
// two workers that run files at the same time, and one for their servers.
const PORTS = 4_000;
const FROM = 10_000 + PORTS * (Number(process.env.VITEST_POOL_ID ?? 0) % 3);
const given = new Set<number>(); // tests of one file may run side by side

/** A loopback port that is free now and is given to nobody else in this process. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FROM + Math.floor(Math.random() * PORTS);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
