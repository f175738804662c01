import type { Keyspace } from "./keyspace.ts";
import { type KeyRecord, NO_LEASE } from "./record.ts";
import type { Compare } from "./requests.ts";

const MISSING: KeyRecord = {
  key: "",
  value: "",
  createRevision: 0,
  modRevision: 0,
  version: 0,
  lease: NO_LEASE,
  older: null,
};

/**
 * True where the compare holds for every key of its span. A span without keys compares as one key with version,
 * revisions and lease 0, and fails every compare of a value.
 */
export function holds(compare: Compare, keyspace: Keyspace, revision: number): boolean {
  let seen = false;
  let held = true;
  keyspace.scan(compare.span, revision, (record) => {
    seen = true;
    held = holdsFor(compare, record);
    return held;
  });
  if (seen) return held;
  return compare.target.of !== "value" && holdsFor(compare, MISSING);
}

function holdsFor({ target, is }: Compare, record: KeyRecord): boolean {
  const order = orderOf(target, record);
  switch (is) {
    case "equal":
      return order === 0;
    case "notEqual":
      return order !== 0;
    case "greater":
      return order > 0;
    case "less":
      return order < 0;
  }
}

const order = <T extends string | number | bigint>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

function orderOf(target: Compare["target"], record: KeyRecord): number {
  switch (target.of) {
    case "version":
      return order(record.version, target.number);
    case "create":
      return order(record.createRevision, target.number);
    case "mod":
      return order(record.modRevision, target.number);
    case "value":
      return order(record.value, target.value);
    case "lease":
      return order(BigInt(record.lease), target.lease);
  }
}
