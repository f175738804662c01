import { isRunning, type ProcessIdentity } from "./process-identity.ts";

/** Signals exactly that process, never one that has its id by now. @returns false where it is gone or not ours to signal */
export function sendSignal(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(target)) return false;
  try {
    return process.kill(target.pid, signal);
  } catch {
    return false; // it ended in between, or belongs to another user
  }
}
