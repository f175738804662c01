import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inProcessTransport } from "../../src/embedded/etcd/in-process.ts";
import { openEmbeddedStore } from "../../src/embedded/etcd/store.ts";
import type { EtcdTransport } from "../../src/etcd/connection.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { packageFile } from "../../src/runtime/package-file.ts";
import type { BenchServer } from "./servers.ts";

const storeFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "rig-bench-store-"));

/** The embedded store over gRPC in a process of its own. */
export async function startStore(): Promise<BenchServer> {
  const folder = await storeFolder();
  const child = fork(packageFile("dist/bench/lone-store.js"), [folder]);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (word) => resolve(String(word)));
    child.once("error", reject).once("exit", () => reject(new Error("the store ended before it listened")));
  });
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The embedded store in this process. */
export async function openStore(): Promise<{ readonly transport: EtcdTransport; stop(): Promise<void> }> {
  const folder = await storeFolder();
  const store = await openEmbeddedStore({ folder, clock: systemClock });
  return {
    transport: inProcessTransport(store),
    async stop() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
