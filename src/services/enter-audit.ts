import type { Actor, AuditEntry } from "../domain/audit.ts";
import type { Clock } from "../domain/clock.ts";
import { isRigError, RigError } from "../domain/errors.ts";

interface AuditPorts {
  readonly audit: (entry: AuditEntry) => Promise<void>;
  readonly clock: Pick<Clock, "now">;
}

/** Enters a change that was done already. What cannot be entered fails, and says that it was done. */
export const enterAudit =
  ({ audit, clock }: AuditPorts) =>
  async (actor: Actor, action: string, subject: string, detail: AuditEntry["detail"] = {}): Promise<void> => {
    try {
      await audit({ at: clock.now(), actor, action, subject, detail });
    } catch (error) {
      if (!isRigError(error)) throw error;
      throw new RigError(error.code, `${action} of ${subject} is done, but not in the audit trail: ${error.message}`, {
        cause: error,
      });
    }
  };
