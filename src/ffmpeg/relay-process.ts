import { spawn } from "node:child_process";
import type { EndableProcess } from "./end-process.ts";
import { progressParser } from "./progress.ts";
import type { PushMeter } from "./push-meter.ts";
import { type RelayLog, relayLog } from "./relay-log.ts";

/** A relay's ffmpeg while it runs. */
export interface RelayProcess extends EndableProcess {
  readonly log: RelayLog;
  /** Only after it has ended. */
  exit(): { readonly exitCode: number | null; readonly exitSignal: string | null };
}

// Nothing else: ffmpeg's rtmps would obey http_proxy, and a core dump would hold the rest.
const ENVIRONMENT = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" };

/**
 * Starts a relay in its own process group. Never throws: a program that cannot be started ends at once, with the cause in its log.
 * @param command absolute path and arguments, nothing secret among them
 */
export function startRelayProcess(
  [program = "", ...args]: readonly string[],
  { presetFd, secrets, meter }: { presetFd: number; secrets: readonly string[]; meter: PushMeter },
): RelayProcess {
  const log = relayLog(secrets);
  const ended = new AbortController();
  let exit: { exitCode: number | null; exitSignal: string | null } = { exitCode: null, exitSignal: null };
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe", presetFd],
    env: ENVIRONMENT,
    cwd: "/",
    detached: true,
  });
  child.stdout?.setEncoding("utf8").on("data", progressParser(meter.take));
  child.stderr?.setEncoding("utf8").on("data", log.feed);
  child.on("error", (error) => log.feed(`[fatal] ${error.message}\n`));
  child.on("close", (exitCode, exitSignal) => {
    exit = { exitCode, exitSignal };
    ended.abort();
  });
  return {
    log,
    ended: ended.signal,
    exit: () => exit,
    kill(signal) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      try {
        process.kill(-child.pid, signal);
      } catch {
        // it ended between the question and the signal
      }
    },
  };
}
