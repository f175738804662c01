import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type EtcdMember, etcdMember } from "./etcd-member.ts";
import { freePort } from "./free-port.ts";

/** A real etcd that a test started for itself. */
export interface RealEtcd {
  /** `host:port`, without a scheme. */
  readonly endpoint: string;
  /** Stops it as it is; resolves when no thread of it runs any more. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Ends the process and removes its folder; resolves when both are gone. Safe to repeat. */
  stop(): Promise<void>;
}

/** The members of a real cluster, all started and healthy. */
export interface EtcdCluster {
  readonly members: readonly EtcdMember[];
  readonly endpoints: readonly string[];
  /** The member that leads now; null while none does. */
  leader(): Promise<EtcdMember | null>;
  /** Ends the processes and removes their folders. Safe to repeat. */
  stop(): Promise<void>;
}

/** The path of the installed etcd; null where there is none (Debian: `etcd-server`). */
export function etcdBinary(): string | null {
  for (const folder of [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/bin"]) {
    const path = join(folder, "etcd");
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder: try the next one
    }
  }
  return null;
}

/** Starts one etcd member on free loopback ports, in a temporary folder. Null where etcd is not installed. */
export async function startEtcd(extraArguments: readonly string[] = []): Promise<(RealEtcd & EtcdMember) | null> {
  const cluster = await startEtcdCluster(1, extraArguments);
  const [member] = cluster?.members ?? [];
  return member && cluster ? { ...member, stop: cluster.stop } : null;
}

/**
 * Starts a cluster of `size` members on free loopback ports; `isSecured` where the arguments give it certificates for its
 * clients. Null where etcd is not installed.
 */
export async function startEtcdCluster(
  size: number,
  extraArguments: readonly string[] = [],
  { isSecured = false } = {},
): Promise<EtcdCluster | null> {
  const binary = etcdBinary();
  if (binary === null) return null;
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(binary, size, extraArguments, isSecured);
    } catch (error) {
      if (attempt === 3) throw error; // a free port may be taken by another between the look and the use
    }
  }
}

async function startOnce(
  binary: string,
  size: number,
  extraArguments: readonly string[],
  isSecured: boolean,
): Promise<EtcdCluster> {
  const place = async (_: unknown, n: number) => ({
    name: `member-${n}`,
    clientPort: await freePort(),
    peerPort: await freePort(),
    healthPort: isSecured ? await freePort() : null,
  });
  const places = await Promise.all(Array.from({ length: size }, place));
  const cluster = places.map(({ name, peerPort }) => `${name}=http://127.0.0.1:${peerPort}`).join(",");
  const members = await Promise.all(places.map((place) => etcdMember({ binary, cluster, extraArguments, ...place })));
  const stop = async () => {
    await Promise.all(members.map((member) => member.remove()));
  };
  try {
    for (const member of members) member.start();
    await Promise.all(members.map((member) => member.healthy()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { members, endpoints: members.map((member) => member.endpoint), leader: () => leaderOf(members), stop };
}

async function leaderOf(members: readonly EtcdMember[]): Promise<EtcdMember | null> {
  for (const member of members) {
    const status = await member.ask("maintenance/status").catch(() => null);
    const { member_id } = (status?.header ?? {}) as { member_id?: string };
    if (member_id !== undefined && status?.leader === member_id) return member;
  }
  return null;
}
