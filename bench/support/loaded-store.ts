import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { systemClock } from "../../src/runtime/clock.ts";
import { packageFile } from "../../src/runtime/package-file.ts";
import type { StoreLoads } from "../store-under-load.ts";

/** From the start of the process until the store was open. */
interface Opening {
  readonly openMs: number;
  readonly openCpuMs: number;
}

/** Opens the store of a folder in a process of its own, puts one load on it and closes it. @throws where it ends before */
export async function loadStore<L extends keyof StoreLoads>(
  folder: string,
  load: L,
  count: number,
  signal: AbortSignal,
): Promise<StoreLoads[L] & Opening> {
  signal.throwIfAborted();
  const startedAt = systemClock.monotonic();
  const child = fork(packageFile("dist/bench/store-under-load.js"), [folder, load, String(count)]);
  const ended = once(child, "exit");
  const kill = () => void child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  try {
    const openCpuMs = Number(await message(child));
    const openMs = systemClock.monotonic() - startedAt;
    return { ...((await message(child)) as StoreLoads[L]), openMs, openCpuMs };
  } finally {
    signal.removeEventListener("abort", kill);
    if (child.connected) child.disconnect();
    await ended;
  }
}

function message(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", () => reject(new Error("the store's process ended before it answered")));
  });
}
