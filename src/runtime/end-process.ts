import type { Clock } from "../domain/clock.ts";
import { isRunning, type ProcessIdentity } from "./process-identity.ts";

const POLL_MS = 20;

/** Tells exactly that process to stop, and kills it where it has not ended in time. Resolves after it has ended. */
export async function endProcess(
  target: ProcessIdentity,
  { graceMs, clock }: { graceMs: number; clock: Clock },
  signal: AbortSignal,
): Promise<"was gone" | "stopped" | "killed"> {
  if (!isRunning(target)) return "was gone";
  process.kill(target.pid, "SIGTERM");
  if (await hasEnded(target, clock.monotonic() + graceMs, clock, signal)) return "stopped";
  process.kill(target.pid, "SIGKILL");
  await hasEnded(target, Number.POSITIVE_INFINITY, clock, signal);
  return "killed";
}

async function hasEnded(
  target: ProcessIdentity,
  deadline: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  while (isRunning(target)) {
    if (clock.monotonic() > deadline || signal.aborted) return false;
    await clock.sleep(POLL_MS, signal);
  }
  return true;
}
