import type { Clock } from "../../../domain/clock.ts";
import type { Engine } from "../engine.ts";
import type { LeaseClock } from "../state/lease-clock.ts";
import { StoreError } from "../store-error.ts";

/** How often ended leases are looked for; etcd's own pace. */
export const LEASE_CHECK_MS = 500;

/** Revokes leases that have ended, until aborted. Resolves once it has stopped; a stopped store ends it too. */
export async function expireLeases(
  engine: Engine,
  leaseClock: LeaseClock,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(LEASE_CHECK_MS, signal);
    const late = leaseClock.tick();
    if (signal.aborted || late) continue; // after a standstill the keep-alives that wait come first
    if (!(await revokeEnded(engine))) return;
  }
}

/** @returns false once the store takes no more steps */
async function revokeEnded(engine: Engine): Promise<boolean> {
  const { leases } = engine.machine;
  for (const lease of leases.expired()) {
    try {
      await engine.perform((machine) => {
        if (machine.leases.has(lease.id) && machine.leases.remainingMs(lease) <= 0) machine.revoke(lease.id);
      });
    } catch (error) {
      if (error instanceof StoreError) return false;
      throw error;
    }
  }
  return true;
}
