import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** One process for good: a recycled pid has another start. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, as this system tells it; only good for comparing. */
  readonly start: string;
}

/** @returns null where no such process runs (a zombie does not) */
export function identifyProcess(pid: number): ProcessIdentity | null {
  if (!Number.isInteger(pid) || pid < 1) return null;
  const start = process.platform === "linux" ? startInProc(pid) : startFromPs(pid);
  return start === null ? null : { pid, start };
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return identifyProcess(process.pid) ?? { pid: process.pid, start: "unknown" };
}

/** True while exactly that process runs. */
export const isRunning = ({ pid, start }: ProcessIdentity): boolean => identifyProcess(pid)?.start === start;

function startInProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold anything, so count the fields from its end: state is the 3rd, start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return null;
    return `${bootId()}/${fields[19]}`; // clock ticks since this boot
  } catch {
    return null; // it ended, or never was
  }
}

let boot: string | undefined;
function bootId(): string {
  boot ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
  return boot;
}

function startFromPs(pid: number): string | null {
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || null;
  } catch {
    return null; // ps ends with 1 where there is no such process
  }
}
