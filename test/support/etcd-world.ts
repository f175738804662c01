import { randomUUID } from "node:crypto";
import { afterEach } from "vitest";
import type { Etcd } from "../../src/etcd/client.ts";
import { openProcessLease, type ProcessLease, type ProcessLeaseOptions } from "../../src/etcd/process-lease.ts";

/** Opens leases that are closed behind each test, with clients that are. Call it once in a file. */
export function etcdWorld() {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  return {
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
  };
}
