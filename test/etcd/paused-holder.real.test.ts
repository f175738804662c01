import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { etcdPublishClaims } from "../../src/etcd/publish-claims.ts";
import { type Child, startChild } from "../embedded/etcd/child.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { type RunningStore, STORES } from "../support/etcd-stores.ts";
import { inEtcdWorld } from "../support/etcd-world.ts";
import { fullCount } from "../support/full-count.ts";
import { until } from "../support/until.ts";

const ROUNDS = fullCount(1, 20, "RIG_FAULTS");
const claim = { streamId: "stream-1", agentId: "edge-1", publishId: "p1", state: "live" } as const;

describe.concurrent.each(STORES.slice(0, 2))(
  "a process that is paused for longer than its lease, on $name",
  ({ start }) => {
    let store: RunningStore | null;
    beforeAll(async () => {
      store = await start();
    });
    afterAll(async () => {
      await store?.close();
    });
    beforeEach((context) => {
      if (!store) context.skip();
    });

    async function startHolder(prefix: string): Promise<Child & { readonly said: string[] }> {
      const file = new URL("./lease-holder-child.ts", import.meta.url);
      const child = startChild(file, store?.endpoint ?? "", prefix);
      const said: string[] = [];
      child.lines.on("line", (line) => void said.push(line));
      return { ...child, said };
    }

    it(
      "doubts at once when it wakes, writes nothing on the old lease, and learns who has its stream",
      {
        timeout: ROUNDS * 120_000,
      },
      inEtcdWorld(async (world) => {
        for (let round = 0; round < ROUNDS; round++) {
          const prefix = etcdPrefix();
          const etcd = world.client(store!.client(prefix));
          const claims = etcdPublishClaims(etcd, await world.lease(etcd));
          const holder = await startHolder(prefix);
          await until(() => holder.said.includes("claimed"));
          const pausedAt = performance.now();

          holder.process.kill("SIGSTOP");
          await until(async () => (await claims.find("stream-1")) === null);
          const taken = { ...claim, agentId: "edge-2", publishId: "p2" };
          await claims.claim(taken);
          await until(() => performance.now() - pausedAt > 3_500);
          holder.process.kill("SIGCONT");
          await until(() => holder.said.includes("held by p2"));
          await until(() => holder.said.some((line) => line.startsWith("late put")));
          holder.process.kill("SIGKILL");
          await holder.ended;

          expect(holder.said).toContain("in doubt");
          expect(holder.said).toContain("late put: LEASE_LOST");
          expect(holder.said).toContain("lease: granted again");
          expect(await etcd.get(`${prefix}late`)).toBeNull();
          expect(await claims.find("stream-1")).toEqual(taken);
        }
      }),
    );
  },
);
