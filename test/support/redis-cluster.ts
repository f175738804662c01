import { freePort } from "./free-port.ts";
import { type RealRedis, startRedis } from "./redis.ts";
import { until } from "./until.ts";

/** A real Redis cluster of a test's own, whole: every node knows all others, and replicas have what their masters have. */
export interface RedisCluster {
  /** Masters first, as they began; each replica as far behind its master as there are masters. */
  readonly nodes: readonly RealRedis[];
  /** Which of these are masters now; all must answer. */
  mastersAmong(nodes: readonly RealRedis[]): Promise<readonly RealRedis[]>;
  /** Resolves when all nodes stand, and each slot has a master and each master as many replicas as at first. */
  whole(): Promise<void>;
  stop(): Promise<void>;
}

interface ClusterStart {
  readonly masters: number;
  /** Of each master. */
  readonly replicas?: number;
  /** A node that is silent for so long is taken for dead. */
  readonly nodeTimeoutMs?: number;
}

const SLOTS = 16_384;

/** Starts one on free loopback ports. @throws Error where Redis is not installed */
export async function startRedisCluster(start: ClusterStart): Promise<RedisCluster> {
  const { masters, replicas = 0, nodeTimeoutMs = 2_000 } = start;
  const size = masters * (1 + replicas);
  const startNode = async () => {
    const busPort = await freePort();
    const args = ["--cluster-enabled", "yes", "--cluster-port", String(busPort)];
    const redis = await startRedis({ args: [...args, "--cluster-node-timeout", String(nodeTimeoutMs)] });
    return { ...redis, busPort };
  };
  const nodes = await Promise.all(Array.from({ length: size }, startNode));
  const isWhole = async () => {
    const states = await Promise.all(nodes.map(stateOf));
    const areWhole = states.every(
      ({ cluster }) => /cluster_state:ok.*known_nodes:(\d+)/s.exec(cluster)?.[1] === `${size}`,
    );
    const isLinked = ({ replication }: NodeState) => !isReplica(replication) || /link_status:up/.test(replication);
    return (
      areWhole &&
      states.every(isLinked) &&
      states.filter(({ replication }) => isReplica(replication)).length === size - masters
    );
  };
  const join = async () => {
    for (const [n, { admin }] of nodes.entries()) {
      await admin.call("CLUSTER", "SET-CONFIG-EPOCH", n + 1);
      const [from, to] = [Math.ceil((SLOTS * n) / masters), Math.ceil((SLOTS * (n + 1)) / masters) - 1];
      if (n < masters) await admin.call("CLUSTER", "ADDSLOTSRANGE", from, to);
    }
    for (const { port, busPort } of nodes.slice(1))
      await nodes[0]?.admin.call("CLUSTER", "MEET", "127.0.0.1", port, busPort);
    const ids = await Promise.all(nodes.map(({ admin }) => admin.cluster("MYID")));
    for (const [n, { admin }] of nodes.entries())
      if (n >= masters) await until(() => admin.call("CLUSTER", "REPLICATE", ids[n % masters]!).catch(() => null)); // once it knows it
  };
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  const whole = async () => void (await until(isWhole, { what: "the cluster is whole" }));
  try {
    await join();
    await whole();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ nodes, whole, stop },
    async mastersAmong(some) {
      const states = await Promise.all(some.map(stateOf));
      return some.filter((_, n) => /role:master/.test(states[n]?.replication ?? ""));
    },
  };
}

interface NodeState {
  readonly cluster: string;
  readonly replication: string;
}

/** Empty texts for one that does not answer. */
async function stateOf({ admin }: RealRedis): Promise<NodeState> {
  const [cluster, replication] = await Promise.all([admin.cluster("INFO"), admin.info("replication")]).catch(() => [
    "",
    "",
  ]);
  return { cluster: cluster ?? "", replication: replication ?? "" };
}

const isReplica = (replication: string): boolean => /role:slave/.test(replication);
