import { interruptible } from "../../../src/runtime/cli/interruptible.ts";
import { prepareScreen } from "../../../src/runtime/cli/screen.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { showTokensTop } from "../../../src/tui/show-tokens-top.tsx";
import { someViewers } from "./some-viewers.ts";

/** Runs the screen of viewer tokens on made-up ones, in a terminal; once it has shown them for a while the store is lost. */
let loads = 0;

process.stdout.write("before\n");
await interruptible(async (signal) => {
  await showTokensTop({
    load: async () => {
      loads += 1;
      if (loads > 6) throw new Error("etcd does not answer");
      return someViewers(Date.now());
    },
    clock: systemClock,
    signal,
    ...prepareScreen(),
    intervalMs: 500,
  });
  process.stdout.write("left\n");
});
