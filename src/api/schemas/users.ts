import { z } from "zod";
import { checkEmail, checkUsername } from "../../domain/user.ts";
import { MOST_VIEWERS } from "../../domain/viewer-plan.ts";
import { id, instant, ruled } from "./common.ts";

const most = z.number().int().min(1).max(MOST_VIEWERS).nullable();

/** Null is no limit of the user's own. */
const quotaSchema = z
  .object({ viewerTokens: most, viewerTokensPerDevice: most, viewerTokensPerContent: most })
  .meta({ id: "UserQuota" });

/** A user as the API shows it. */
export const userSchema = z
  .object({
    ...{ id, username: z.string(), email: z.string() },
    ...{ disabledAt: instant.nullable(), quota: quotaSchema, createdAt: instant },
  })
  .meta({ id: "User" });

export const newUserSchema = z.strictObject({ username: ruled(checkUsername), email: ruled(checkEmail) });

const quotaChangeSchema = z.strictObject({
  viewerTokens: most.exactOptional(),
  viewerTokensPerDevice: most.exactOptional(),
  viewerTokensPerContent: most.exactOptional(),
});

/** What of a user may be changed: what is left out stays. */
export const userChangeSchema = z
  .strictObject({ disabled: z.boolean().exactOptional(), quota: quotaChangeSchema.exactOptional() })
  .superRefine(({ disabled, quota = {} }, context) => {
    if (disabled === undefined && Object.keys(quota).length === 0)
      context.addIssue({ code: "custom", path: ["body"], message: "must change something", params: { missing: true } });
  });

/** `userId` is the user's id or username. */
export const userParams = z.strictObject({ userId: id });
