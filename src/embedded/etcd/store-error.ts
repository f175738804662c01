/** gRPC status codes that the store answers with. */
export const GRPC = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;

export type GrpcCode = (typeof GRPC)[keyof typeof GRPC];

/** An answer that is an error: etcd's own code and words, since clients tell errors apart by these words. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: GrpcCode;

  constructor(code: GrpcCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

const ONE_MEMBER = "the embedded store has one member and no Auth";
const NO_BOLT = "the embedded store keeps no bbolt file";
/** Why a call is not answered, where more is to be said. */
const NOT_HERE: Readonly<Record<string, string>> = {
  "Maintenance.Snapshot": `${NO_BOLT}; back it up while it runs with \`rig etcd backup FOLDER\``,
  "Maintenance.Hash": `${NO_BOLT} to take a hash of`,
  "Maintenance.HashKV": `${NO_BOLT}, so that its hash would match no etcd's; the check sums of its log are read at each start`,
};

const refusal = (code: GrpcCode, text: string) => (): StoreError => new StoreError(code, `etcdserver: ${text}`);

/** Every refusal of the store, worded as etcd words it. */
export const refuse = {
  emptyKey: refusal(GRPC.INVALID_ARGUMENT, "key is not provided"),
  keyNotFound: refusal(GRPC.INVALID_ARGUMENT, "key not found"),
  valueProvided: refusal(GRPC.INVALID_ARGUMENT, "value is provided"),
  leaseProvided: refusal(GRPC.INVALID_ARGUMENT, "lease is provided"),
  tooManyOps: refusal(GRPC.INVALID_ARGUMENT, "too many operations in txn request"),
  duplicateKey: refusal(GRPC.INVALID_ARGUMENT, "duplicate key given in txn request"),
  noSpace: refusal(GRPC.RESOURCE_EXHAUSTED, "mvcc: database space exceeded"),
  tooLarge: refusal(GRPC.INVALID_ARGUMENT, "request is too large"),
  compacted: refusal(GRPC.OUT_OF_RANGE, "mvcc: required revision has been compacted"),
  futureRevision: refusal(GRPC.OUT_OF_RANGE, "mvcc: required revision is a future revision"),
  leaseNotFound: refusal(GRPC.NOT_FOUND, "requested lease not found"),
  leaseExists: refusal(GRPC.FAILED_PRECONDITION, "lease already exists"),
  leaseTtlTooLarge: refusal(GRPC.OUT_OF_RANGE, "too large lease TTL"),
  authNotEnabled: refusal(GRPC.FAILED_PRECONDITION, "authentication is not enabled"),
  noNumber: (value: unknown) => new StoreError(GRPC.INVALID_ARGUMENT, `etcdserver: not a whole number: ${value}`),
  malformed: (cause: RangeError) =>
    new StoreError(GRPC.INTERNAL, `grpc: error unmarshalling request: ${cause.message}`, cause),
  notImplemented: (method: string) =>
    new StoreError(GRPC.UNIMPLEMENTED, `${method}: ${NOT_HERE[method] ?? ONE_MEMBER}`),
  notDefragmented: (cause: unknown) =>
    new StoreError(GRPC.INTERNAL, `etcdserver: no snapshot could be written: ${cause}`, cause),
  stopped: (cause?: unknown) => new StoreError(GRPC.UNAVAILABLE, "etcdserver: server stopped", cause),
};
