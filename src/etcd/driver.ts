import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/**
 * The etcd3 package. By `require`: for an `import` Node first reads this CommonJS package and all that it brings through
 * for what they export, which takes as much CPU again as starting Node does (90 of 400 ms).
 */
export const driver: typeof import("etcd3") = load("etcd3");

/** The gRPC package that etcd3 stands on. */
export const grpc: typeof import("@grpc/grpc-js") = load("@grpc/grpc-js");
