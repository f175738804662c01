import { freePort } from "./free-port.ts";

const NAMES = ["SERVER", "STREAM_SERVICE", "WORKER", "AGENT", "INGEST", "ETCD", "DATABASE"];

/** Settings that pin every port of a platform, so that it comes back on the same ones. */
export async function fixedPorts(): Promise<Record<string, string>> {
  const ports = await Promise.all(NAMES.map(freePort));
  return Object.fromEntries(NAMES.map((name, index) => [`${name}_PORT`, String(ports[index])]));
}
