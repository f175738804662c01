import { randomBytes } from "node:crypto";
import { ulid } from "ulid";

const STREAM_KEY_BYTES = 24; // 192 random bits, 32 characters

/** New identifiers and stream keys from the system's randomness. */
export const systemIds = {
  ulid: () => ulid(),
  streamKey: () => randomBytes(STREAM_KEY_BYTES).toString("base64url"),
};
