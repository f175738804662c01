import { interruptible } from "../../../src/runtime/cli/interruptible.ts";
import { prepareScreen } from "../../../src/runtime/cli/screen.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { showStreamsTop } from "../../../src/tui/show-streams-top.tsx";
import { manyStreams } from "./many-streams.ts";

/**
 * Runs the screen on made-up streams, in a terminal: STREAMS of them, with a FAULT of `lost` (the store is),
 * `drawing` (it throws) or `uncaught` (something else does). What it prints after the screen a shell would show next.
 */
const { STREAMS = "3", FAULT } = process.env;
let loads = 0;

const throwElsewhere = () => {
  throw new Error("a bug elsewhere");
};

const unDrawable = (): never => {
  const [stream] = manyStreams(1, Date.now());
  return [
    {
      ...stream,
      get username() {
        return throwElsewhere();
      },
    },
  ] as never;
};

process.stdout.write("before\n");
await interruptible(async (signal) => {
  await showStreamsTop({
    load: async () => {
      loads += 1;
      if (FAULT === "lost" && loads > 1) throw new Error("etcd does not answer");
      if (FAULT === "uncaught" && loads > 2) setImmediate(throwElsewhere);
      if (FAULT === "drawing" && loads > 2) return unDrawable();
      return manyStreams(Number(STREAMS), Date.now());
    },
    drop: async () => true,
    retry: async () => {},
    clock: systemClock,
    signal,
    ...prepareScreen(),
    intervalMs: 500,
  });
  process.stdout.write(`left${signal.aborted ? " on a signal" : ""}\n`);
});
