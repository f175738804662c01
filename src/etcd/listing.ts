import type { EtcdCalls } from "./calls.ts";
import { isCompacted } from "./fate.ts";
import type { KeyValue } from "./operation.ts";
import { rangeEnd, toKeyValues } from "./wire.ts";

/** All keys under a prefix, as they were at `revision`. */
export interface Listing {
  readonly entries: readonly KeyValue[];
  readonly revision: number;
  /** Which store counts these revisions. */
  readonly clusterId: string;
}

export interface ListOptions {
  /** Values stay behind. */
  readonly keysOnly?: boolean;
  /** Only keys written at this revision or later. */
  readonly sinceRevision?: number;
  /** How many keys one answer may carry: fewer for large values. */
  readonly pageKeys?: number;
}

const PAGE_KEYS = 1_000; // of at most 2 KiB: 2 MiB an answer

const TRIES = 3; // a compaction may pass between two pages

/** Lists page by page, all at the revision of the first. @throws RigError ETCD_UNREACHABLE */
export async function listPrefix(
  calls: Pick<EtcdCalls, "range">,
  prefix: string,
  options: ListOptions = {},
): Promise<Listing> {
  for (let tried = 1; ; tried++) {
    try {
      return await listOnce(calls, prefix, options);
    } catch (error) {
      if (tried === TRIES || !isCompacted(error)) throw error;
    }
  }
}

async function listOnce(
  calls: Pick<EtcdCalls, "range">,
  prefix: string,
  { keysOnly = false, sinceRevision, pageKeys = PAGE_KEYS }: ListOptions,
): Promise<Listing> {
  const end = rangeEnd(prefix);
  const entries: KeyValue[] = [];
  let revision = 0;
  for (let key = Buffer.from(prefix); ; ) {
    const page = await calls.range({
      key,
      range_end: end,
      limit: pageKeys,
      ...(keysOnly && { keys_only: true }),
      ...(sinceRevision !== undefined && { min_mod_revision: sinceRevision }),
      ...(revision > 0 && { revision }),
    });
    if (revision === 0) revision = Number(page.header.revision);
    for (const entry of toKeyValues(page.kvs)) entries.push(entry);
    const last = page.kvs.at(-1);
    if (!page.more || !last) return { entries, revision, clusterId: page.header.cluster_id };
    key = Buffer.concat([last.key, Buffer.from([0])]);
  }
}

/** From which key on, before which, and how many at most. */
export interface PagePlace {
  readonly from: string;
  readonly before: string;
  readonly limit: number;
  readonly keysOnly?: boolean;
}

/** The first keys of a range, as they are now. @throws RigError ETCD_UNREACHABLE */
export async function listPage(
  calls: Pick<EtcdCalls, "range">,
  { from, before, limit, keysOnly = false }: PagePlace,
): Promise<readonly KeyValue[]> {
  const page = await calls.range({
    ...{ key: Buffer.from(from), range_end: Buffer.from(before), limit },
    ...(keysOnly && { keys_only: true }),
  });
  return toKeyValues(page.kvs);
}

/** How many keys a prefix has, or had at `revision`. @throws RigError ETCD_UNREACHABLE */
export async function countPrefix(calls: Pick<EtcdCalls, "range">, prefix: string, revision = 0): Promise<number> {
  const key = Buffer.from(prefix);
  const answer = await calls.range({ key, range_end: rangeEnd(prefix), count_only: true, revision });
  return Number(answer.count);
}
