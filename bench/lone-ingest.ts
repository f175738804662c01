import { embeddedIngest } from "../src/ingest/embedded/embedded-ingest.ts";
import { commandLog } from "../src/runtime/cli/command-log.ts";
import { systemClock } from "../src/runtime/clock.ts";

// The embedded ingest alone in a process of its own, so that its CPU can be told from everything else's.
// It takes every publish under the name that it came with, and tells its address to whoever started it.
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
const ingest = embeddedIngest({
  listenHost: "127.0.0.1",
  listenPort: 0,
  app: "live",
  instance: "bench",
  clock: systemClock,
  log: commandLog,
});
const handlers = {
  decide: async ({ streamKey }: { streamKey: { open(): string } }) =>
    ({ accepted: true, localName: streamKey.open() }) as const,
  ended() {},
  playerWaiting() {},
};
await ingest.run(handlers, () => process.send?.(ingest.publishUrl, () => process.disconnect()), stop.signal);
