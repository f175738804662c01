import { createServer } from "node:net";

// Below the range that Linux takes ports for outgoing connections from: nobody gets them before they are used, or while
// who listens there is down.
const RANGE = { from: 20_000, to: 32_000 };
const given = new Set<number>(); // tests of one file may run side by side

/** A loopback port that is free now and is given to nobody else in this process. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from));
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
