import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { loadSync, type MethodDefinition, type ServiceDefinition } from "@grpc/proto-loader";
import fc from "fast-check";
import type { Wire } from "../../../../src/embedded/etcd/wire/fields.ts";

const file = join(dirname(createRequire(import.meta.url).resolve("etcd3/package.json")), "proto/rpc.proto");
const services = loadSync(file, { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true });

/** A method with proto-loader's codec, by `Service.Method` as in rpc.proto. */
export function methodOf(path: string): MethodDefinition<Wire, Wire> {
  const [service = "", method = ""] = path.split(".");
  return (services[`etcdserverpb.${service}`] as ServiceDefinition)[method] as unknown as MethodDefinition<Wire, Wire>;
}

const anyLong = fc.oneof(fc.constant(0n), fc.nat().map(BigInt), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
/** A signed 64-bit number in decimal. */
export const long = anyLong.map(String);
const bytes = fc.uint8Array({ maxLength: 40 }).map((raw) => Buffer.from(raw));
const span = { key: bytes, range_end: fc.oneof(bytes, fc.constant(Buffer.from([0]))) };
const some = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { requiredKeys: [] });
const flag = fc.boolean();

/** A RangeRequest, with any of its fields; the numbers of enums also where there is no name for them. */
export const range = some<Record<string, unknown>>({
  ...{ ...span, limit: long, revision: long, serializable: flag, keys_only: flag, count_only: flag },
  sort_order: fc.constantFrom("None", "Ascend", "Descend", 7),
  sort_target: fc.constantFrom("Key", "Version", "Create", "Mod", "Value", -1),
  ...{ min_mod_revision: long, max_mod_revision: long, min_create_revision: long, max_create_revision: long },
});

/** A PutRequest. */
export const put = some<Record<string, unknown>>({
  ...{ key: bytes, value: bytes, lease: long, prev_kv: flag, ignore_value: flag, ignore_lease: flag },
});

/** A DeleteRangeRequest. */
export const remove = some<Record<string, unknown>>({ ...span, prev_kv: flag });

const compare = fc
  .tuple(
    some<Record<string, unknown>>({
      ...span,
      result: fc.constantFrom("Equal", "Greater", "Less", "NotEqual", 9),
      target: fc.constantFrom("Version", "Create", "Mod", "Value", "Lease", 9),
    }),
    fc.oneof(
      fc.constant({}),
      ...["version", "create_revision", "mod_revision", "lease"].map((name) => fc.record({ [name]: long })),
      fc.record({ value: bytes }),
    ),
  )
  .map(([fields, union]) => ({ ...fields, ...union }));

/** A TxnRequest. */
export const { txn } = fc.letrec<{ txn: Wire; step: Wire }>((tie) => ({
  txn: some({
    compare: fc.array(compare, { maxLength: 4 }),
    success: fc.array(tie("step"), { maxLength: 5 }),
    failure: fc.array(tie("step"), { maxLength: 3 }),
  }),
  step: fc.oneof(
    { depthSize: "small" },
    fc.constant({}),
    fc.record({ request_range: range }),
    fc.record({ request_put: put }),
    fc.record({ request_delete_range: remove }),
    fc.record({ request_txn: tie("txn") }),
  ),
}));

/** A WatchRequest. */
export const watch = fc.oneof(
  fc.constant({}),
  fc.record({ progress_request: fc.constant({}) }),
  fc.record({ cancel_request: some({ watch_id: long }) }),
  fc.record({
    create_request: some<Record<string, unknown>>({
      ...{ ...span, start_revision: long, watch_id: long, progress_notify: flag, prev_kv: flag, fragment: flag },
      filters: fc.array(fc.constantFrom("Noput", "Nodelete"), { maxLength: 3 }),
    }),
  }),
);
