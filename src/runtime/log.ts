import { join } from "node:path";
import pino, { type Level, type Logger } from "pino";
import type { Log } from "../domain/log.ts";

/** Where `rig up` logs, and `rig logs` reads. */
export const logFile = (dataFolder: string): string => join(dataFolder, "logs", "rig.log");

interface LogOptions {
  readonly level: Level;
  /** Appended to this file (0600), beside stderr. */
  readonly file?: string;
}

/** A field of one of these names never shows its value, two levels deep. A `Secret` never does anywhere. */
const SECRET_FIELDS = [
  "streamKey",
  "destinationKey",
  "password",
  "token",
  "secret",
  "authorization",
  "cookie",
  "privateKey",
];

/** A log of JSON lines. What it writes is in the file when the call returns, so a killed process loses none. */
export function createLog({ level, file }: LogOptions): Log {
  const stderr = pino.destination({ dest: 2, sync: true });
  if (file === undefined) return logTo(stderr, level);
  const kept = pino.destination({ dest: file, sync: true, mkdir: true, mode: 0o600 });
  return logTo(
    pino.multistream([
      { level, stream: stderr },
      { level, stream: kept },
    ]),
    level,
  );
}

/** The same log, written to any stream of lines. */
export function logTo(destination: pino.DestinationStream, level: Level): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      redact: { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[redacted]" },
    },
    destination,
  );
}

interface DescribedError {
  readonly type: string;
  readonly code?: unknown;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly cause?: DescribedError | string;
}

// Name, code, message, stack and cause alone: what else hangs on an error (requests, options, queries) may hold secrets.
function describeError(error: unknown): DescribedError | string {
  if (!(error instanceof Error)) return String(error);
  return {
    type: error.name,
    ...("code" in error && { code: error.code }),
    message: error.message,
    stack: error.stack,
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}
