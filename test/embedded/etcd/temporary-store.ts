import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedStore, openEmbeddedStore, type StoreOptions } from "../../../src/embedded/etcd/store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";

/** A store in a folder of its own; `close` removes the folder too. */
export async function temporaryStore(options: Partial<StoreOptions> = {}): Promise<EmbeddedStore> {
  const folder = await mkdtemp(join(tmpdir(), "rig-store-"));
  const store = await openEmbeddedStore({ folder, clock: systemClock, ...options });
  return {
    ...store,
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
