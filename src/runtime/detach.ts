import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { ERRORS, type ErrorCode, isRigError, RigError } from "../domain/errors.ts";
import { packageFile } from "./package-file.ts";

/** What a detached process tells the one that started it, once. */
type Word = { readonly ready: true } | { readonly failed: { code: ErrorCode; message: string; hint?: string } };

interface Detached {
  /** What follows `rig` on its command line. */
  readonly args: readonly string[];
  /** Its stdout and stderr are appended here (0600). */
  readonly logFile: string;
  /** The program that Node runs; rig itself where none is named. */
  readonly program?: string;
}

/**
 * Starts rig again as a process of its own that outlives this one and its terminal, and waits until it said
 * `reportReady` or `reportFailure`.
 * @returns its pid
 * @throws RigError the one it failed with; INTERNAL where it ended without a word, as it does when `signal` aborts
 */
export async function startDetached(
  { args, logFile, program = packageFile("bin/rig.js") }: Detached,
  signal: AbortSignal,
): Promise<number> {
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  const output = openSync(logFile, "a", 0o600);
  const child = spawn(process.execPath, [program, ...args], {
    detached: true,
    stdio: ["ignore", output, output, "ipc"],
  });
  closeSync(output);
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  try {
    const word = await new Promise<Word | { readonly ended: string }>((resolve, reject) => {
      child.once("message", (message) => resolve(message as Word));
      child.once("exit", (code, byWhat) => resolve({ ended: byWhat ? `by ${byWhat}` : `with exit code ${code}` }));
      child.once("error", reject);
    });
    if ("failed" in word) throw new RigError(word.failed.code, word.failed.message, hintOf(word.failed.hint));
    if ("ended" in word)
      throw new RigError("INTERNAL", `rig ended ${word.ended} before it was ready`, {
        hint: `Its last words stand in ${logFile}`,
      });
    signal.throwIfAborted(); // it said that it is ready just before it was told to stop
    return child.pid ?? 0;
  } finally {
    signal.removeEventListener("abort", stop);
    if (child.connected) child.disconnect();
    child.unref();
  }
}

const hintOf = (hint: string | undefined) => (hint === undefined ? {} : { hint });

/** Tells whoever started this process detached that it serves now. Does nothing where nobody waits. */
export function reportReady(): void {
  tell({ ready: true });
}

/** Tells whoever started this process detached why it will not serve. Does nothing where nobody waits. */
export function reportFailure(error: unknown): void {
  const { message, hint } = isRigError(error) ? error : { message: String(error), hint: undefined };
  const code = isRigError(error) && error.code in ERRORS ? error.code : "INTERNAL";
  tell({ failed: { code, message, ...hintOf(hint) } });
}

function tell(word: Word): void {
  if (!process.send || !process.connected) return;
  process.send(word, () => {
    if (process.connected) process.disconnect();
  });
}
