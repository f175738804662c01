import { RigError } from "../domain/errors.ts";
import type { AgentRegistry, AgentStatus } from "../services/coordination.ts";
import type { Etcd } from "./client.ts";
import { fromJson, toJson } from "./json-value.ts";
import { commitLeased, type LeasedOperation } from "./leased.ts";
import { absent, get, type KeyValue, put, unchanged } from "./operation.ts";
import type { ProcessLease } from "./process-lease.ts";

const ROUNDS = 4;

/** The agents that are there. What one announced last is put back by itself after a lost lease. */
export function etcdAgentRegistry(etcd: Etcd, lease: ProcessLease): AgentRegistry {
  const announced = new Map<string, AgentStatus>();

  async function write(agentId: string): Promise<void> {
    const key = etcd.keys.agent(agentId);
    let present: KeyValue | null = null;
    for (let round = 0; round < ROUNDS; round++) {
      const status = announced.get(agentId); // the newest, whoever writes
      if (!status) return;
      const answer: Written = await commitLeased(etcd, lease, replace(key, present, encode(status)));
      if (answer.written) return;
      present = answer.present;
    }
    throw new RigError("CONFLICT", `etcd: somebody else writes ${key}`);
  }

  lease.onRegranted(async () => {
    for (const agentId of announced.keys()) await write(agentId);
  });
  return {
    async announce(status) {
      announced.set(status.agentId, status);
      await write(status.agentId);
    },
    async list() {
      const { entries } = await etcd.list(etcd.keys.agents);
      return entries.flatMap((entry) => decode(etcd.keys.segments(entry.key, etcd.keys.agents)[0] ?? "", entry.value));
    },
  };
}

type Written = { written: true } | { written: false; present: KeyValue | null };

const replace =
  (key: string, present: KeyValue | null, value: Buffer) =>
  (leaseId: string): LeasedOperation<Written> => ({
    what: "announce an agent",
    when: [present ? unchanged(present) : absent(key)],
    apply: [put(key, value, leaseId)],
    otherwise: [get(key)],
    answer: ({ succeeded, found }) => (succeeded ? { written: true } : judge(found[0] ?? null, value, leaseId)),
    settle: async (read) => {
      const written = judge(await read(key), value, leaseId);
      return written.written ? { was: "applied", value: written } : { was: "not applied" };
    },
  });

const judge = (present: KeyValue | null, value: Buffer, leaseId: string): Written =>
  present?.leaseId === leaseId && present.value.equals(value) ? { written: true } : { written: false, present };

const encode = ({ agentId: _inTheKey, ...status }: AgentStatus): Buffer => toJson(status);

/** None where another version wrote it. */
function decode(agentId: string, value: Buffer): AgentStatus[] {
  const { state, region, cluster, slots, ingestUrl, apiUrl, version } = fromJson(value) ?? {};
  const { total, used } = (slots ?? {}) as Record<string, unknown>;
  if (typeof total !== "number" || typeof used !== "number") return [];
  return [
    {
      agentId,
      state: state === "draining" ? "draining" : "ready",
      region: String(region),
      cluster: String(cluster),
      slots: { total, used },
      ingestUrl: String(ingestUrl),
      apiUrl: String(apiUrl),
      version: String(version),
    },
  ];
}
