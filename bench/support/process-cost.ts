import { readdirSync, readFileSync } from "node:fs";

const TICK_MS = 10; // Linux counts processes' time in hundredths of a second, whatever the kernel's own tick is
const MIB = 1024 * 1024;

interface ProcessTime {
  readonly pid: number;
  readonly parent: number;
  /** CPU time, user and system, of the process and of its children that have ended. */
  readonly cpuMs: number;
}

function readTime(pid: number): ProcessTime | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name may hold anything: count from its end
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0); // utime, stime, cutime, cstime
    return { pid, parent: Number(fields[1]), cpuMs: ticks * TICK_MS };
  } catch {
    return null; // it ended meanwhile
  }
}

/** A process and all that descend from it. */
function processTree(root: number): ProcessTime[] {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (readTime(Number(name)) ?? []) : []));
  const tree = all.filter(({ pid }) => pid === root);
  for (let at = 0; at < tree.length; at++) tree.push(...all.filter(({ parent }) => parent === tree[at]?.pid));
  return tree;
}

/** CPU time in ms that these processes and all that descend from them have used so far. */
export const cpuMs = (...roots: readonly number[]): number =>
  roots.flatMap(processTree).reduce((sum, process) => sum + process.cpuMs, 0);

/** CPU time in ms of this process's children that have ended. */
export function endedChildrenCpuMs(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

/** Resident memory of one process. */
export function residentMib(pid: number): number {
  const [kib] = /(?<=^VmRSS:\s+)\d+/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? ["0"];
  return (Number(kib) * 1024) / MIB;
}
