import type { Clock } from "../../domain/clock.ts";
import type { UsageStore } from "../../services/publishes.ts";
import type { Users } from "../../services/users.ts";
import type { Handlers } from "../handlers.ts";

interface UsagePorts {
  readonly usage: Pick<UsageStore, "list">;
  readonly users: Pick<Users, "get">;
  readonly clock: Pick<Clock, "now">;
}

/** Handler of what was used, for operators. */
export const usageHandlers = ({ usage, users, clock }: UsagePorts): Handlers<"listUsage"> => ({
  async listUsage({ query }) {
    const period = query.period ?? new Date(clock.now()).toISOString().slice(0, 7);
    return query.user === undefined ? usage.list(period) : usage.list(period, (await users.get(query.user)).id);
  },
});
