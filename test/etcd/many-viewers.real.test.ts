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

async function crowdedEtcd(): Promise<CrowdedStore | null> {
  const etcd = await startEtcd();
  if (!etcd) return null;
  const client = etcdClient({ endpoints: [etcd.endpoint] });
  const sessions = () => client.count(client.keys.viewerSessions);
  const status = async () => {
    const answer = await until(() => etcd.ask("maintenance/status").catch(() => null)); // busy with what it lets go of
    const { revision } = answer.header as { readonly revision: string };
    return { revision, inUseBytes: Number(answer.dbSizeInUse) };
  };
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
      const { revision, inUseBytes: beforeBytes } = await status();
      await etcd.ask("kv/compaction", { revision }).catch(() => {}); // as an operator's auto-compaction; it may take its time
      const isFree = async () => (await status()).inUseBytes < beforeBytes / 2;
      await until(isFree, { ...LONG, stepMs: 50, what: "etcd let go of what was written" });
      expect(left).toBe(0);
      return { seconds, revision: Number(revision), beforeBytes, afterBytes: (await status()).inUseBytes };
    },
    async stop() {
      await client.close();
      await etcd.stop();
    },
  };
}

// 64 MiB of sessions last seen, a quarter more by V8's count, 25 MiB of what every server has, and room for what is new.
describe("many viewer sessions over etcd", () => bearsManyViewers(crowdedEtcd, { heapMib: 160 }));
