import { describe, expect } from "vitest";
import { etcdClient } from "../../src/etcd/client.ts";
import { viewerSweeper } from "../../src/etcd/viewer-sweeper.ts";
import { startEtcd } from "../support/etcd.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { IS_LONG } from "../support/full-count.ts";
import { bearsManyViewers, type CrowdedStore } from "../support/many-viewers.ts";
import { until } from "../support/until.ts";

const MARGIN_MS = 60_000; // so long after its last token a session is kept
const LONG = { limitMs: 240_000, stepMs: 1_000 };
const MOST_DB_BYTES = 8 * 1024 * 1024; // of an etcd that holds nothing: pages in use, some of them half full

async function crowdedEtcd(): Promise<CrowdedStore | null> {
  const etcd = await startEtcd();
  if (!etcd) return null;
  const client = etcdClient({ endpoints: [etcd.endpoint] });
  const sessions = () => client.count(client.keys.viewerSessions);
  const inUseBytes = async () => Number((await etcd.ask("maintenance/status")).dbSizeInUse);
  /** As the server's own does it, but at once: its clock is turned. */
  const sweep = async (expirySeconds: number) => {
    const clock = { ...fakeClock(), sleep: async () => {} };
    const options = { longestExpiryMs: expirySeconds * 1_000, random: () => 0.5 };
    const round = viewerSweeper({ ...client, clock }, options, new AbortController().signal);
    await round();
    await clock.advance(expirySeconds * 1_000 + MARGIN_MS);
    await round();
  };
  return {
    env: { ETCD_ENDPOINTS: etcd.endpoint },
    sessions,
    async forgets(expirySeconds) {
      const startedAt = performance.now();
      if (IS_LONG) await until(async () => (await sessions()) === 0, { ...LONG, what: "the server has swept" });
      else await sweep(expirySeconds);
      const left = await sessions();
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      const beforeBytes = await inUseBytes();
      const { header } = (await etcd.ask("maintenance/status")) as { header: { revision: string } };
      await etcd.ask("kv/compaction", { revision: header.revision, physical: true }); // an operator's auto-compaction
      await until(async () => (await inUseBytes()) < MOST_DB_BYTES, { what: "etcd has let go of what was compacted" });
      expect(left).toBe(0);
      return { left, seconds, revision: Number(header.revision), beforeBytes, afterBytes: await inUseBytes() };
    },
    async stop() {
      await client.close();
      await etcd.stop();
    },
  };
}

// 64 MiB of sessions last seen, as much again until what is no more used is collected, and 64 MiB for what is new.
describe("many viewer sessions over etcd", () => bearsManyViewers(crowdedEtcd, { mostGrowthMib: 192 }));
