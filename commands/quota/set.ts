import { invalidInput, RigError } from "../../src/domain/errors.ts";
import type { UserQuota } from "../../src/domain/user-quota.ts";
import { MOST_VIEWERS } from "../../src/domain/viewer-plan.ts";
import { printOne } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { quotaView } from "./quota-view.ts";

type Typed = { readonly [Field in keyof UserQuota]?: string };

/** `rig quota set USER [--viewer-tokens N|none] [--viewer-tokens-per-device N|none] [--viewer-tokens-per-content N|none]` */
export async function run(options: GlobalOptions & Typed, user: string): Promise<void> {
  const quota = readQuota(options);
  const changed = await withContext(options, ({ users, actor }) => users.change(user, { quota }, actor));
  await printOne(changed, quotaView, options);
}

const FLAGS: Readonly<Record<keyof UserQuota, string>> = {
  viewerTokens: "--viewer-tokens",
  viewerTokensPerDevice: "--viewer-tokens-per-device",
  viewerTokensPerContent: "--viewer-tokens-per-content",
};

function readQuota(typed: Typed): Partial<UserQuota> {
  const given = (Object.keys(FLAGS) as (keyof UserQuota)[]).flatMap((field) => {
    const most = typed[field];
    if (most === undefined) return [];
    return [[field, readMost(FLAGS[field], most)] as const];
  });
  if (given.length === 0)
    throw new RigError("MISSING_INPUT", "nothing to set", {
      hint: `Give ${Object.values(FLAGS).join(", ")}: a number, or none.`,
    });
  return Object.fromEntries(given);
}

function readMost(flag: string, typed: string): number | null {
  if (typed === "none") return null;
  const most = /^\d{1,4}$/.test(typed) ? Number(typed) : 0;
  if (most >= 1 && most <= MOST_VIEWERS) return most;
  throw invalidInput(flag, `must be a whole number from 1 to ${MOST_VIEWERS} or none, got ${JSON.stringify(typed)}`);
}
