import { aborted } from "../runtime/aborted.ts";
import type { HttpListener } from "../runtime/http/listen.ts";

/** How long requests in flight may go on at the stop. */
export const GRACE_MS = 5_000;

/** Where a listener binds. */
export interface Address {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
}

/**
 * Opens listeners one after the other, calls `ready` with their URLs in that order, and closes all of them when aborted,
 * or when one cannot be opened. Resolves when all connections have ended.
 */
export async function serveUntil(
  openers: readonly (() => Promise<HttpListener>)[],
  ready: (urls: readonly string[]) => void,
  { signal, graceMs }: { signal: AbortSignal; graceMs: number },
): Promise<void> {
  const open: HttpListener[] = [];
  try {
    for (const opener of openers) open.push(await opener());
    ready(open.map(({ url }) => url));
    await aborted(signal);
  } finally {
    await Promise.all(open.map((listener) => listener.close(graceMs)));
  }
}
