import { drain, latencies, type OpenBenchQueue } from "./support/bench-queue.ts";
import type { Asked } from "./support/contender.ts";

/** Every task queue that is measured, by the name that startContender takes. */
const QUEUES: Readonly<Record<string, () => Promise<OpenBenchQueue>>> = {
  rig: async () => (await import("./peers/rig.ts")).openRig,
  "rig-in-process": async () => (await import("./peers/rig.ts")).openRigInProcess,
  bullmq: async () => (await import("./peers/bullmq.ts")).openBullMq,
  "pg-boss": async () => (await import("./peers/pg-boss.ts")).openPgBoss,
  graphile: async () => (await import("./peers/graphile.ts")).openGraphile,
  "graphile-local-queue": async () => (await import("./peers/graphile.ts")).openGraphileLocalQueue,
  "naive-etcd": async () => (await import("./peers/naive-etcd.ts")).openNaiveEtcd,
};

// One task queue with its workers, alone in a process; told by its parent what to do, one thing at a time.
const [name = "", url = "", workers = "1"] = process.argv.slice(2);
const load = QUEUES[name];
if (!load) throw new Error(`no task queue ${name}`);
const open = await load();
const queue = await open(url, Number(workers));
process.once("disconnect", () => void queue.close().finally(() => process.exit())); // whatever it was at
process.on("message", (asked: Asked) => {
  perform(asked).then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ error: String(error instanceof Error ? error.stack : error) }),
  );
});
process.send?.({});

async function perform({ what, numbers: [count = 0, everyMs = 0] }: Asked): Promise<unknown> {
  switch (what) {
    case "fill":
      return queue.fill(count);
    case "drain":
      return drain(queue, count);
    case "latencies":
      return latencies(queue, count, everyMs);
  }
}
