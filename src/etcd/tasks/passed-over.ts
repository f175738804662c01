import { ERRORS, isRigError } from "../../domain/errors.ts";
import type { Log } from "../../domain/log.ts";
import { safeText } from "../../domain/safe-text.ts";
import type { Etcd } from "../client.ts";
import type { Operation } from "../operation.ts";

const REMEMBERED = 1_000;
const SHOWN_CHARS = 300;

/**
 * Applies what may concern another hand's key. False where etcd can never take it, because of its key, say: such a key
 * is passed over, with one line in the log.
 */
export type CommitOrPass = (key: string, operation: () => Operation<boolean>) => Promise<boolean>;

/** @see CommitOrPass */
export function commitOrPass({ commit }: Pick<Etcd, "commit">, log: Log): CommitOrPass {
  const told = new Set<string>();
  return async (key, operation) => {
    try {
      return await commit(operation());
    } catch (error) {
      if (!isRigError(error) || ERRORS[error.code].retryable) throw error;
      const shown = safeText(key.slice(0, SHOWN_CHARS));
      if (told.size >= REMEMBERED) told.clear();
      if (!told.has(shown))
        log.warn({ err: error, key: shown }, "a key of another hand among the tasks is passed over");
      told.add(shown);
      return false;
    }
  };
}
