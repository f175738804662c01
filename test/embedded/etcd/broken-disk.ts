import { type FileHandle, open } from "node:fs/promises";

/** What a disk says when it refuses. */
const refusal = (code: "ENOSPC" | "EIO", call: string): Error =>
  Object.assign(new Error(`${code}: ${code === "EIO" ? "i/o error" : "no space left on device"}, ${call}`), {
    code,
    syscall: call,
  });

/** A fault: which call fails with what; `half` of a write may still reach the file. */
export interface DiskFault {
  readonly call: "write" | "datasync" | "appendFile";
  readonly code: "ENOSPC" | "EIO";
  readonly half?: boolean;
}

type Calls = Record<DiskFault["call"], (this: FileHandle, ...args: unknown[]) => Promise<unknown>>;

/** Breaks the disk for all files of this process that are open through node:fs/promises; answers how to mend it. */
export async function breakDisk({ call, code, half = false }: DiskFault): Promise<() => void> {
  const probe = await open(new URL(import.meta.url), "r");
  const calls = Object.getPrototypeOf(probe) as Calls;
  await probe.close();
  const sound = calls[call];
  calls[call] = async function (buffer, start, length, at) {
    if (half) await sound.call(this, buffer, start, (length as number) >> 1, at);
    throw refusal(code, call === "datasync" ? "fdatasync" : "write");
  };
  return () => {
    calls[call] = sound;
  };
}
