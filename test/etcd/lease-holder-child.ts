import { etcdClient } from "../../src/etcd/client.ts";
import { absent, put } from "../../src/etcd/operation.ts";
import { openProcessLease } from "../../src/etcd/process-lease.ts";
import { etcdPublishClaims } from "../../src/etcd/publish-claims.ts";

/*
 * Holds a lease of 2 s and a claim. When it notices that it was paused for 3 s or more, it puts a key on the lease of
 * before, as a write that waited in it would have; and it claims again once it has a lease again. Says what it does.
 */
const [endpoint = "", prefix = ""] = process.argv.slice(2);
const say = (what: string) => process.stdout.write(`${what}\n`);
const etcd = etcdClient({ endpoints: [endpoint], prefix });
const lease = await openProcessLease(etcd, {
  processId: "edge-1:a",
  ttlSeconds: 2,
  onNews: (news) => say(`lease: ${news}`),
});
const guard = lease.guard();
const claims = etcdPublishClaims(etcd, lease);
const claim = async () => {
  const answer = await claims.claim({ streamId: "stream-1", agentId: "edge-1", publishId: "p1", state: "live" });
  say(answer.claimed ? "claimed" : `held by ${answer.holder.publishId}`);
};
lease.onRegranted(claim);
let at = performance.now(); // before the word that it may be paused at
await claim();

const lateKey = `${prefix}late`;
for (;;) {
  await new Promise<void>((wake) => setTimeout(wake, 50));
  const wasPaused = performance.now() - at > 3_000;
  at = performance.now();
  if (!wasPaused) continue;
  say(lease.isSure() ? "sure" : "in doubt");
  const outcome = etcd.commit<boolean>({
    what: "put late",
    guard,
    when: [absent(lateKey)],
    apply: [put(lateKey, Buffer.from("late"), guard.leaseId)],
    answer: ({ succeeded }) => succeeded,
    settle: async () => ({ was: "lost" }),
  });
  say(`late put: ${await outcome.catch((error) => error.code)}`);
}
