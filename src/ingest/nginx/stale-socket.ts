import { stat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import type { Clock } from "../../domain/clock.ts";

const LOOK_AGAIN_MS = 100; // nginx makes a socket and listens on it within microseconds

/**
 * Removes the Unix socket that a killed nginx left: beside it no nginx can start, for it cannot bind there (it tries for
 * 2.5 s). One that is listened on stays, and one that was made anew meanwhile. Never rejects.
 */
export async function removeStaleSocket(path: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const left = await deadSocket(path);
  if (left === null) return;
  await clock.sleep(LOOK_AGAIN_MS, signal);
  if ((await deadSocket(path)) !== left) return;
  await unlink(path).catch(() => {}); // the folder is somebody else's: nginx says itself why it does not start
}

/** The inode of a socket that nobody listens on; null where there is none. */
async function deadSocket(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found?.isSocket() && (await isRefused(path)) ? found.ino : null;
}

const isRefused = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
