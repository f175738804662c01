import { hostname } from "node:os";

const SHORT = 6; // of a ULID's end, which is random

/**
 * What a server of viewer tokens is called, in the log and in `rig tokens top`: `<host>:<process id>:<six characters>`.
 * Never the same twice, be it a process id's next life or a container's process 1.
 */
export function viewerServerId(ulid: string, host: string = hostname(), pid: number = process.pid): string {
  const name = host.replace(/[^A-Za-z0-9._-]/g, "-") || "host"; // what a key may hold
  return `${name}:${pid}:${ulid.slice(-SHORT)}`;
}
