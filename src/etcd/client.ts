import type { Clock, Random } from "../domain/clock.ts";
import { systemClock } from "../runtime/clock.ts";
import { Deadlines } from "../services/deadlines.ts";
import { etcdCalls } from "./calls.ts";
import { checkKey } from "./commit-size.ts";
import { connectMembers, type EtcdAddress } from "./connection.ts";
import { type CommitOptions, GroupCommit } from "./group-commit.ts";
import type { KeepAliveStream } from "./keep-alive-stream.ts";
import { type EtcdKeys, etcdKeys } from "./keys.ts";
import { countPrefix, type Listing, type ListOptions, listPage, listPrefix, type PagePlace } from "./listing.ts";
import { Members } from "./members.ts";
import type { KeyValue, Lane, Operation } from "./operation.ts";
import { etcdStreams } from "./streams.ts";
import type { WatchOrder, WatchStream } from "./watch-stream.ts";
import { toKeyValue } from "./wire.ts";

/** All that rig does with etcd; every call has a deadline. Close it last. */
export interface Etcd {
  readonly keys: EtcdKeys;
  readonly clock: Clock;
  /** Where it is asked; none for a store in this process. */
  readonly endpoints: readonly string[];
  /**
   * Applies one small transaction, together with whatever else waits in its lane.
   * @throws RigError OVERLOADED, PAYLOAD_TOO_LARGE, LEASE_LOST, ETCD_UNREACHABLE (not applied), ETCD_AMBIGUOUS (nobody knows)
   */
  commit<T>(operation: Operation<T>, options?: CommitOptions): Promise<T>;
  /** One key; null where it is absent. @throws RigError ETCD_UNREACHABLE */
  get(key: string): Promise<KeyValue | null>;
  /** All keys under a prefix, as of one revision, in order. @throws RigError ETCD_UNREACHABLE */
  list(prefix: string, options?: ListOptions): Promise<Listing>;
  /** How many keys a prefix has, or had at a revision. @throws RigError ETCD_UNREACHABLE */
  count(prefix: string, revision?: number): Promise<number>;
  /** The first keys from one on and before another, in order. @throws RigError ETCD_UNREACHABLE */
  page(place: PagePlace): Promise<readonly KeyValue[]>;
  /** Events of a prefix; for the informer, which knows how to go on when it breaks. */
  watch(order: WatchOrder): Promise<WatchStream>;
  grantLease(ttlSeconds: number): Promise<{ leaseId: string }>;
  keepAlive(): Promise<KeepAliveStream>;
  /** Its keys go with it. Safe to repeat. @throws RigError ETCD_UNREACHABLE */
  revokeLease(leaseId: string): Promise<void>;
  /** Refuses what waits; resolves when nothing runs any more. */
  close(): Promise<void>;
}

/** How to reach etcd, and where rig's keys stand there. */
export interface EtcdOptions extends EtcdAddress {
  /** `/rig/v1/` unless a test asks for its own. */
  readonly prefix?: string;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Connects at the first call; making it costs nothing and cannot fail for want of an etcd. */
export function etcdClient({ prefix, clock = systemClock, random = Math.random, ...address }: EtcdOptions): Etcd {
  const members = new Members(connectMembers(address, clock), clock, random);
  const deadlines = new Deadlines(clock);
  const { endpoints } = members;
  const calls = etcdCalls(members, clock, deadlines);
  const streams = etcdStreams(members, calls, deadlines);
  const get = async (key: string): Promise<KeyValue | null> => {
    checkKey(key);
    const answer = await calls.range({ key: Buffer.from(key) });
    const kv = answer.kvs[0];
    return kv ? toKeyValue(kv) : null;
  };
  const lane = () => new GroupCommit({ txn: calls.txn, read: get, clock, deadlines, endpoints });
  const lanes: Readonly<Record<Lane, GroupCommit>> = { coordination: lane(), tokens: lane(), tasks: lane() };
  return {
    keys: etcdKeys(prefix),
    ...{ clock, endpoints },
    commit: (operation, options) => lanes[operation.lane ?? "coordination"].commit(operation, options),
    get,
    list: (start, options) => listPrefix(calls, start, options),
    count: (start, revision) => countPrefix(calls, start, revision),
    page: (place) => listPage(calls, place),
    watch: streams.watch,
    grantLease: calls.grantLease,
    keepAlive: streams.keepAlive,
    revokeLease: calls.revokeLease,
    async close() {
      await Promise.all(Object.values(lanes).map((each) => each.close()));
      await deadlines.close();
      members.close();
    },
  };
}
