import { MAX_VIEWER_TEXT } from "../domain/viewer-details.ts";
import { MOST_ENDED } from "../domain/viewer-session.ts";
import { readViewers, type StoredViewers, viewersText } from "../services/stored-viewers.ts";

/** A viewer session as it stands in etcd. */
export const encodeViewers = (viewers: StoredViewers): Buffer => Buffer.from(viewersText(viewers));

/** @throws RigError INTERNAL for what is no viewer session, or one that this version cannot read */
export const decodeViewers = (key: string, value: Buffer): StoredViewers =>
  readViewers(`etcd: ${key}`, value.toString());

const TEXT_BYTES = 3 * MAX_VIEWER_TEXT + 3; // in UTF-8, with quotes and a comma
const ROW_BYTES = 80; // a hash, two instants, a cause
const HEAD_BYTES = 3 * 256 + 64; // the session's name

/** The longest value that a session of so many tokens can have. */
export const mostViewerBytes = (tokens: number): number =>
  HEAD_BYTES + tokens * (ROW_BYTES + 4 * TEXT_BYTES) + MOST_ENDED * (ROW_BYTES + 5 * TEXT_BYTES);

const LIKELY_BYTES = 4_096;

/**
 * How much room an answer with such a session is given. The longest would let only two sessions of 1,000 tokens share a
 * transaction; as it is, 96 that say all they may are 6 MiB, of the 16 that are received, and more is settled by reading.
 */
export const likelyViewerBytes = (tokens: number): number =>
  Math.min(mostViewerBytes(tokens), LIKELY_BYTES + tokens * 4 * ROW_BYTES);
