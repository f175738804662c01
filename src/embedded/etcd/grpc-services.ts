import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { loadPackageDefinition, type MethodDefinition, type ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** The services of rpc.proto as the etcd3 package ships it, by name; methods that this names have their messages in bytes. */
export function serviceDefinitions(inBytes: (path: string) => boolean): Record<string, ServiceDefinition> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("etcd3/package.json")), "proto");
  const definition = loadSync(join(folder, "rpc.proto"), {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  const { etcdserverpb } = loadPackageDefinition(definition) as unknown as {
    etcdserverpb: Record<string, { service?: ServiceDefinition }>;
  };
  const services: Record<string, ServiceDefinition> = {};
  for (const [name, { service }] of Object.entries(etcdserverpb)) {
    if (!service) continue;
    const methods = Object.entries(service).map(([method, how]) => {
      return [method, inBytes(`${name}.${method}`) ? { ...how, ...BYTES } : how] as const;
    });
    services[name] = Object.fromEntries(methods);
  }
  return services;
}

const same = (bytes: Buffer): Buffer => bytes;
const BYTES: Pick<MethodDefinition<Buffer, Buffer>, "requestDeserialize" | "responseSerialize"> = {
  requestDeserialize: same,
  responseSerialize: same,
};
