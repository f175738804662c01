import { serveGrpc } from "../src/embedded/etcd/grpc-server.ts";
import { openEmbeddedStore } from "../src/embedded/etcd/store.ts";
import { systemClock } from "../src/runtime/clock.ts";

// The embedded store alone in a process of its own, as etcd is; it tells its address to whoever started it.
const [folder = ""] = process.argv.slice(2);
const store = await openEmbeddedStore({ folder, clock: systemClock });
const listener = await serveGrpc(store, { host: "127.0.0.1", port: 0 });
process.once("disconnect", async () => {
  await listener.close();
  await store.close();
});
process.send?.(`http://127.0.0.1:${listener.port}`);
