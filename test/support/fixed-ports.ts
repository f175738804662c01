import { createServer } from "node:net";

const NAMES = ["SERVER", "STREAM_SERVICE", "WORKER", "AGENT", "INGEST", "ETCD", "DATABASE"];
// Below the range that Linux takes ports for outgoing connections from: nobody gets them while a platform is down.
const RANGE = { from: 20_000, to: 32_000 };
const given = new Set<number>(); // platforms of one file may start side by side

/** Settings that pin every port of a platform, so that it comes back on the same ones. */
export async function fixedPorts(): Promise<Record<string, string>> {
  const ports = new Set<number>();
  while (ports.size < NAMES.length) {
    const port = RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from));
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) ports.add(port);
  }
  return Object.fromEntries([...ports].map((port, index) => [`${NAMES[index]}_PORT`, String(port)]));
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
