import { randomUUID } from "node:crypto";
import { afterEach } from "vitest";
import type { Etcd } from "../../src/etcd/client.ts";
import { openProcessLease, type ProcessLease, type ProcessLeaseOptions } from "../../src/etcd/process-lease.ts";

/** Opens clients, leases and what runs beside a test, and closes all of it. */
function openEtcdWorld() {
  const closers: (() => Promise<void>)[] = [];
  return {
    atEnd: (close: () => Promise<void>): void => void closers.push(close),
    client<T extends Etcd>(etcd: T): T {
      closers.push(() => etcd.close());
      return etcd;
    },
    async lease(etcd: Etcd, options: Partial<ProcessLeaseOptions> = {}): Promise<ProcessLease> {
      const lease = await openProcessLease(etcd, { processId: randomUUID(), ...options });
      closers.push(() => lease.close());
      return lease;
    },
    /** Runs something until the test's end, which waits for it. */
    background(run: (signal: AbortSignal) => Promise<void>): AbortController {
      const stop = new AbortController();
      const running = run(stop.signal);
      closers.push(async () => {
        stop.abort();
        await running;
      });
      return stop;
    },
    /** What was opened last goes first. */
    async close(): Promise<void> {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}

export type EtcdWorld = ReturnType<typeof openEtcdWorld>;

/** A test's body in a world of its own, so that it may run beside others. */
export const inEtcdWorld =
  <Row extends unknown[]>(body: (world: EtcdWorld, ...row: Row) => Promise<void>) =>
  async (...row: Row): Promise<void> => {
    const world = openEtcdWorld();
    try {
      await body(world, ...row);
    } finally {
      await world.close();
    }
  };

/** A world that is closed behind each test. Call it once in a file whose tests run one after the other. */
export function etcdWorld() {
  const world = openEtcdWorld();
  afterEach(world.close);
  return world;
}
