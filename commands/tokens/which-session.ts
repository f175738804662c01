import { invalidInput, RigError } from "../../src/domain/errors.ts";
import type { WhichSession } from "../../src/services/viewer-admin.ts";
import type { GlobalOptions } from "../global-options.ts";

/** How a session is named on the command line: by its name, or where that is long by its key. */
export interface SessionOptions extends GlobalOptions {
  readonly key?: string;
}

/**
 * Reads which session is meant, and what else was typed: with `--key` no operand is a session's name.
 * @throws RigError MISSING_INPUT, INVALID_INPUT
 */
export function readSession({ key }: SessionOptions, operands: readonly (string | undefined)[]) {
  const typed = operands.filter((operand) => typeof operand === "string");
  const name = key === undefined ? typed[0] : undefined;
  const others = key === undefined ? typed.slice(1) : typed;
  if (key === undefined && name === undefined)
    throw new RigError("MISSING_INPUT", "a session is needed: its name, or --key with the hash of it", {
      hint: "`rig tokens list` shows both; put -- before a name that begins with -.",
    });
  if (others.length >= operands.length) throw invalidInput("session", "and --key exclude each other");
  const which: WhichSession = key === undefined ? { name: name ?? "" } : { key };
  return { which, others };
}
