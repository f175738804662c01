import { invalidInput } from "../../src/domain/errors.ts";
import type { UserUsage } from "../../src/domain/usage.ts";
import { NO_QUOTA, type UserQuota } from "../../src/domain/user-quota.ts";
import { printRows, type View } from "../../src/runtime/cli/output.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { viewerTokensText } from "./quota-view.ts";

const PERIOD = /^\d{4}-(0[1-9]|1[0-2])$/;

/** `rig quota show [USER] [--period 2026-11]` */
export async function run(options: GlobalOptions & { period?: string }, user?: string): Promise<void> {
  const period = options.period ?? new Date(systemClock.now()).toISOString().slice(0, 7);
  if (!PERIOD.test(period))
    throw invalidInput("--period", `must be a month like 2026-11, got ${JSON.stringify(period)}`);
  const rows = await withContext(options, async ({ usage, users }) => {
    const one = user === undefined ? null : await users.get(user);
    const [used, all] = await Promise.all([usage.list(period, one?.id), one ? [one] : users.list()]);
    const quotas = new Map(all.map(({ id, quota }) => [id, quota]));
    return used.map((row) => ({ ...row, quota: quotas.get(row.userId) ?? NO_QUOTA }));
  });
  await printRows(rows, usageView, options);
}

const count = (value: number) => Math.round(value).toLocaleString("en-US");

const usageView: View<UserUsage & { readonly quota: UserQuota }> = {
  columns: [
    { head: "USER", cell: ({ username }) => username },
    { head: "PERIOD", cell: ({ period }) => period },
    { head: "LIVE S", cell: ({ liveSeconds }) => count(liveSeconds), align: "right" },
    { head: "INGEST BYTES", cell: ({ ingestBytes }) => count(ingestBytes), align: "right" },
    { head: "EGRESS S", cell: ({ egressSeconds }) => count(egressSeconds), align: "right" },
    { head: "EGRESS BYTES", cell: ({ egressBytes }) => count(egressBytes), align: "right" },
    { head: "VIEWER TOKENS", cell: ({ quota }) => viewerTokensText(quota) },
  ],
  json: (row) => row,
  name: ({ username }) => username,
};
