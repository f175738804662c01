import { z } from "zod";
import { checkEmail, checkUsername } from "../../domain/user.ts";
import { id, instant, ruled } from "./common.ts";

/** A user as the API shows it. */
export const userSchema = z
  .object({ id, username: z.string(), email: z.string(), disabledAt: instant.nullable(), createdAt: instant })
  .meta({ id: "User" });

export const newUserSchema = z.strictObject({ username: ruled(checkUsername), email: ruled(checkEmail) });

/** What of a user may be changed. */
export const userChangeSchema = z.strictObject({ disabled: z.boolean() });

/** `userId` is the user's id or username. */
export const userParams = z.strictObject({ userId: id });
