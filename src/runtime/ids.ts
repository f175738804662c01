import { randomBytes, randomFillSync } from "node:crypto";
import { ulid } from "ulid";

const STREAM_KEY_BYTES = 24; // 192 random bits, 32 characters

// The system is asked for a page at a time: sixteen times a ULID it took a third of what enqueuing a task costs.
const page = Buffer.alloc(4_096);
let used = page.length;

/** A random number in [0, 1) of eight bits: a ULID takes five of each. */
function randomByte(): number {
  if (used === page.length) {
    randomFillSync(page);
    used = 0;
  }
  const byte = page[used] ?? 0;
  used += 1;
  return byte / 256;
}

/** New identifiers and stream keys from the system's randomness. */
export const systemIds = {
  ulid: () => ulid(Date.now(), randomByte),
  streamKey: () => randomBytes(STREAM_KEY_BYTES).toString("base64url"),
};
