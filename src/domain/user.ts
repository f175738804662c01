import { invalidInput } from "./errors.ts";
import type { UserQuota } from "./user-quota.ts";

export interface User {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  /** Null while the user may publish, and watch. */
  readonly disabledAt: number | null;
  readonly quota: UserQuota;
  readonly createdAt: number;
}

const USERNAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const EMAIL = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,190}$/;

/** @throws RigError INVALID_INPUT */
export function checkUsername(username: string): string {
  if (!USERNAME.test(username))
    throw invalidInput(
      "username",
      `must be 1-64 of a-z 0-9 . _ - and begin with a letter or digit, got ${JSON.stringify(username)}`,
    );
  return username;
}

/** @throws RigError INVALID_INPUT */
export function checkEmail(email: string): string {
  if (!EMAIL.test(email)) throw invalidInput("email", `must look like name@host, got ${JSON.stringify(email)}`);
  return email;
}
