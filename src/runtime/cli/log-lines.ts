import { type FileHandle, open } from "node:fs/promises";
import type { Clock } from "../../domain/clock.ts";

const CHUNK_BYTES = 64 * 1024;
const TAIL_BYTES = 8 * 1024 * 1024; // no more of a log is read for its last lines
const LOOK_MS = 200;

/** The last lines of a file and where it ended; null where there is none. */
export async function lastLines(path: string, count: number): Promise<{ lines: string[]; endsAt: number } | null> {
  const file = await openIfThere(path);
  if (!file) return null;
  try {
    const { size } = await file.stat();
    let tail = Buffer.alloc(0);
    let from = size;
    while (from > 0 && tail.length < TAIL_BYTES && newlines(tail) <= count) {
      const length = Math.min(CHUNK_BYTES, from);
      from -= length;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
      tail = Buffer.concat([buffer.subarray(0, bytesRead), tail]);
    }
    const whole = tail.lastIndexOf(10) + 1; // a line that is just being written is left to whoever follows
    const lines = tail.toString("utf8", 0, whole).split("\n").slice(0, -1);
    return { lines: count === 0 ? [] : lines.slice(-count), endsAt: size - (tail.length - whole) };
  } finally {
    await file.close();
  }
}

/** Hands on each line that is appended after `from`, until aborted; begins anew where the file was replaced or cut. */
export async function followLines(
  path: string,
  from: number,
  write: (lines: readonly string[]) => Promise<void>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let at = from;
  while (!signal.aborted) {
    const file = await openIfThere(path);
    try {
      const size = (await file?.stat())?.size ?? 0;
      if (size < at) at = 0;
      while (file && at < size && !signal.aborted) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, at);
        const whole = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
        if (whole === 0) break;
        await write(buffer.toString("utf8", 0, whole - 1).split("\n"));
        at += whole;
      }
    } finally {
      await file?.close();
    }
    await clock.sleep(LOOK_MS, signal);
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function newlines(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === 10) count += 1;
  return count;
}
