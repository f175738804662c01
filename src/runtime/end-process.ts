import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import { isRunning, type ProcessIdentity } from "./process-identity.ts";
import { sendSignal } from "./send-signal.ts";

const POLL_MS = 20;

/** Tells exactly that process to stop, and kills it where it has not ended in time. Resolves after it has ended. @throws RigError FORBIDDEN */
export async function endProcess(
  target: ProcessIdentity,
  { graceMs, clock }: { graceMs: number; clock: Clock },
  signal: AbortSignal,
): Promise<"was gone" | "stopped" | "killed"> {
  if (!sendSignal(target, "SIGTERM")) {
    if (!isRunning(target)) return "was gone";
    throw new RigError("FORBIDDEN", `process ${target.pid} belongs to another user`);
  }
  if (await hasEnded(target, clock.monotonic() + graceMs, clock, signal)) return "stopped";
  sendSignal(target, "SIGKILL");
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
