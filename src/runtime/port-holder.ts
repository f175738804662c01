import { readdir, readFile, readlink } from "node:fs/promises";

const LISTEN = "0A";

/** Names who listens on a TCP port: `nginx (process 4711)`, or `another process` where that cannot be seen. Never rejects. */
export async function portHolder(port: number): Promise<string> {
  try {
    const sockets = new Set((await listeningInodes(port)).map((inode) => `socket:[${inode}]`));
    for (const pid of await readdir("/proc"))
      if (/^\d+$/.test(pid) && (await holdsOne(pid, sockets)))
        return `${(await readFile(`/proc/${pid}/comm`, "utf8")).trim()} (process ${pid})`;
  } catch {
    // No /proc here, or it ended meanwhile: then its name is not known.
  }
  return "another process";
}

async function listeningInodes(port: number): Promise<string[]> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((table) => readFile(table, "utf8").catch(() => "")), // no IPv6: no table
  );
  return tables
    .flatMap((table) => table.split("\n").map((line) => line.trim().split(/\s+/)))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === LISTEN)
    .flatMap((fields) => fields[9] ?? []);
}

async function holdsOne(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []); // another user's process is closed to us
  for (const file of files) if (sockets.has(await readlink(`/proc/${pid}/fd/${file}`).catch(() => ""))) return true; // closed meanwhile
  return false;
}
