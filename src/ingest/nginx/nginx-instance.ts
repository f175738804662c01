import { readFile, stat } from "node:fs/promises";

/**
 * One life of nginx's master, as `<pid>-<start time>`: client ids are unique within it. null while nginx does not run.
 * Where there is no /proc the age of the pid file stands in for the start time. Never rejects.
 */
export async function readNginxInstance(pidFilePath: string): Promise<string | null> {
  try {
    const pid = Number((await readFile(pidFilePath, "utf8")).trim());
    if (!Number.isInteger(pid) || pid < 1) return null;
    return `${pid}-${await startTime(pid, pidFilePath)}`;
  } catch {
    return null; // no pid file, or its process is gone
  }
}

async function startTime(pid: number, pidFilePath: string): Promise<string> {
  if (process.platform !== "linux") {
    process.kill(pid, 0); // throws where there is no such process
    return String(Math.round((await stat(pidFilePath)).mtimeMs));
  }
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  const afterName = text.slice(text.lastIndexOf(")") + 2).split(" "); // the name may hold spaces and brackets
  const ticks = afterName[19]; // field 22 of proc(5); the name is the second
  if (ticks === undefined || afterName[0] === "Z") throw new Error("no such process");
  return ticks;
}
