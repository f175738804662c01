import { serveGrpc } from "../../../src/embedded/etcd/grpc-server.ts";
import { openEmbeddedStore } from "../../../src/embedded/etcd/store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";

/* Serves the store in the folder of its first argument on a free port, which it prints, until it is killed. */
const store = await openEmbeddedStore({ folder: process.argv[2] ?? "", clock: systemClock });
const { port } = await serveGrpc(store, { host: "127.0.0.1", port: 0 });
process.stdout.write(`${port}\n`);
