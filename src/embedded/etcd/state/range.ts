import { refuse } from "../store-error.ts";
import type { Keyspace } from "./keyspace.ts";
import type { KeyRecord } from "./record.ts";
import type { RangeRequest, RangeResult, SortTarget } from "./requests.ts";

/** @throws StoreError for a revision that is compacted or yet to come, seen from `revision` */
export function checkReadRevision(wanted: number, keyspace: Keyspace, revision: number): void {
  if (wanted <= 0) return;
  if (wanted > revision) throw refuse.futureRevision();
  if (wanted < keyspace.compactRevision) throw refuse.compacted();
}

/**
 * Reads a range, inside the open transaction where there is one. As in etcd, `count` counts the whole range, before
 * filters and limit; filters and sorting come before the limit. With a limit, and nothing to filter or sort, a read of
 * the newest revision looks at no more keys than it answers.
 * @throws StoreError for a revision that is compacted or yet to come
 */
export function readRange(keyspace: Keyspace, request: RangeRequest): RangeResult {
  const now = keyspace.openRevision;
  checkReadRevision(request.revision, keyspace, now);
  const { found, count } = find(keyspace, request, request.revision > 0 ? request.revision : now);
  const records = sorted(filtered(found, request), request);
  const more = request.limit > 0 && records.length > request.limit;
  return {
    op: "range",
    revision: now,
    records: more ? records.slice(0, request.limit) : records,
    keysOnly: request.keysOnly,
    more,
    count,
  };
}

/** The records that an answer is made from, one more than its limit, and how many keys the range has. */
function find(keyspace: Keyspace, request: RangeRequest, revision: number): { found: KeyRecord[]; count: number } {
  const wantsAll = request.sortOrder !== "none" || hasFilter(request);
  const fetch = request.countOnly ? 0 : wantsAll || request.limit <= 0 ? Number.POSITIVE_INFINITY : request.limit + 1;
  const isNewest = revision === keyspace.openRevision;
  const found: KeyRecord[] = [];
  let count = 0;
  keyspace.scan(request.span, revision, (record) => {
    if (count++ < fetch) found.push(record);
    return count <= fetch || !isNewest;
  });
  return { found, count: count > fetch && isNewest ? keyspace.count(request.span) : count };
}

const hasFilter = (r: RangeRequest): boolean =>
  r.minModRevision !== 0 || r.maxModRevision !== 0 || r.minCreateRevision !== 0 || r.maxCreateRevision !== 0;

function filtered(records: KeyRecord[], request: RangeRequest): KeyRecord[] {
  if (!hasFilter(request)) return records;
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  return records.filter(
    ({ modRevision, createRevision }) =>
      (maxModRevision === 0 || modRevision <= maxModRevision) &&
      (minModRevision === 0 || modRevision >= minModRevision) &&
      (maxCreateRevision === 0 || createRevision <= maxCreateRevision) &&
      (minCreateRevision === 0 || createRevision >= minCreateRevision),
  );
}

const byNumber = (of: (record: KeyRecord) => number) => (a: KeyRecord, b: KeyRecord) => of(a) - of(b);

const COMPARE: Record<SortTarget, (a: KeyRecord, b: KeyRecord) => number> = {
  key: (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  version: byNumber((record) => record.version),
  create: byNumber((record) => record.createRevision),
  mod: byNumber((record) => record.modRevision),
  value: (a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0),
};

/** Sorts by the target; a target other than the key without an order means ascending. Ties stay in key order. */
function sorted(records: KeyRecord[], { sortOrder, sortTarget }: RangeRequest): KeyRecord[] {
  if (sortTarget === "key" && sortOrder !== "descend") return records; // the scan came in key order
  const compare = COMPARE[sortTarget];
  return records.sort(sortOrder === "descend" ? (a, b) => compare(b, a) : compare);
}
