import { inject } from "vitest";
import { type Etcd, etcdClient } from "../../src/etcd/client.ts";
import { etcdPrefix } from "./etcd-prefix.ts";

/** A client of the run's etcd under a prefix of its own; null where no etcd is installed. Close it. */
export function realEtcd(prefix: string = etcdPrefix()): Etcd | null {
  const endpoint = inject("etcdEndpoint");
  return endpoint === null ? null : etcdClient({ endpoints: [endpoint], prefix });
}
