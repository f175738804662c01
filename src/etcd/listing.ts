import type { IRangeRequest, IRangeResponse } from "etcd3";
import { isRigError } from "../domain/errors.ts";
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
  /** Only keys last written at this revision or before. */
  readonly upToRevision?: number;
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
  { keysOnly = false, sinceRevision, upToRevision, pageKeys = PAGE_KEYS }: ListOptions,
): Promise<Listing> {
  const end = rangeEnd(prefix);
  const entries: KeyValue[] = [];
  let revision = 0;
  for (let key: Buffer = Buffer.from(prefix); ; ) {
    const page = await rangeThatFits(calls, {
      key,
      range_end: end,
      limit: pageKeys,
      ...(keysOnly && { keys_only: true }),
      ...(sinceRevision !== undefined && { min_mod_revision: sinceRevision }),
      ...(upToRevision !== undefined && { max_mod_revision: upToRevision }),
      ...(revision > 0 && { revision }),
    });
    if (revision === 0) revision = Number(page.header.revision);
    for (const entry of toKeyValues(page.kvs)) entries.push(entry);
    const last = page.kvs.at(-1);
    if (!page.more || !last) return { entries, revision, clusterId: page.header.cluster_id };
    key = behind(last.key);
  }
}

const behind = (key: Buffer): Buffer => Buffer.concat([key, Buffer.of(0)]);

const TOO_LONG = /larger than max/; // grpc-js's words for an answer that is longer than what it receives

/** A range of fewer keys where another hand's values make the answer too long: etcd takes none of more than 1.5 MiB. */
async function rangeThatFits(
  calls: Pick<EtcdCalls, "range">,
  request: IRangeRequest & { readonly limit: number },
): Promise<IRangeResponse> {
  for (let { limit } = request; ; limit = Math.ceil(limit / 4)) {
    try {
      return await calls.range({ ...request, limit });
    } catch (error) {
      const isTooLong = isRigError(error) && error.cause instanceof Error && TOO_LONG.test(error.cause.message);
      if (!isTooLong || limit <= 1) throw error;
    }
  }
}

/** From which key on, before which, and how many at most. */
export interface PagePlace {
  readonly from: string;
  readonly before: string;
  readonly limit: number;
  readonly keysOnly?: boolean;
}

/**
 * The first keys of a range, as they are now; fewer where some are no text, none only where there are no more.
 * @throws RigError ETCD_UNREACHABLE
 */
export async function listPage(
  calls: Pick<EtcdCalls, "range">,
  { from, before, limit, keysOnly = false }: PagePlace,
): Promise<readonly KeyValue[]> {
  const range = { range_end: Buffer.from(before), limit, ...(keysOnly && { keys_only: true }) };
  for (let key: Buffer = Buffer.from(from); ; ) {
    const page = await rangeThatFits(calls, { ...range, key });
    const entries = toKeyValues(page.kvs);
    const last = page.kvs.at(-1);
    if (entries.length > 0 || !page.more || !last) return entries;
    key = behind(last.key);
  }
}

/** How many keys a prefix has, or had at `revision`. @throws RigError ETCD_UNREACHABLE */
export async function countPrefix(calls: Pick<EtcdCalls, "range">, prefix: string, revision = 0): Promise<number> {
  const key = Buffer.from(prefix);
  const answer = await calls.range({ key, range_end: rangeEnd(prefix), count_only: true, revision });
  return Number(answer.count);
}
