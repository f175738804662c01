import { systemClock } from "../../../src/runtime/clock.ts";
import { showStreamsTop } from "../../../src/tui/show-streams-top.tsx";
import { manyStreams } from "./many-streams.ts";

/**
 * Runs the screen on made-up streams, in a terminal: `STREAMS` of them, and `THROW=load|key` as its fault.
 * What it prints after the screen is what a shell would show next.
 */
const end = new AbortController();
process.once("SIGTERM", () => end.abort());
const streams = Number(process.env.STREAMS ?? 3);
let loads = 0;
await showStreamsTop({
  load: async () => {
    loads += 1;
    if (process.env.FAULT === "lost" && loads > 1) throw new Error("etcd does not answer");
    if (process.env.FAULT === "uncaught" && loads > 2) setImmediate(() => { throw new Error("a bug elsewhere"); });
    if (process.env.FAULT === "drawing" && loads > 2) return [{ ...manyStreams(1, Date.now())[0], title: 5 as unknown as string } as never];
    return manyStreams(streams, Date.now());
  },
  drop: async () => true,
  retry: async () => {},
  clock: systemClock,
  signal: end.signal,
  stdin: process.stdin,
  stdout: process.stdout,
  intervalMs: 500,
  atExit: (restore) => {
    process.once("exit", restore);
    return () => process.off("exit", restore);
  },
});
process.stdout.write(`left${end.signal.aborted ? " on SIGTERM" : ""}\n`);
