import { RigError } from "../domain/errors.ts";
import { isInstant } from "../domain/instant.ts";
import {
  type EndCause,
  type EndedBy,
  type EndedViewer,
  NO_DETAILS,
  type ViewerDetails,
  type ViewerSession,
  type ViewerToken,
} from "../domain/viewer-session.ts";

/** A viewer session as every store keeps it: JSON with short names, see spec/v1/tokens.md. */
export interface StoredViewers extends ViewerSession {
  readonly name: string | null;
}

const VERSION = 1;

/** The text of a session. */
export const viewersText = ({ name, tokens, ended, limit }: StoredViewers): string =>
  JSON.stringify({
    v: VERSION,
    ...(name !== null && { s: name }),
    l: limit,
    t: tokens.map(({ tokenHash, createdAt, expiresAt, details }) =>
      details === NO_DETAILS
        ? [tokenHash, createdAt, expiresAt]
        : [tokenHash, createdAt, expiresAt, details.device, details.content, details.label, details.address],
    ),
    ...(ended.length > 0 && { e: ended.map(encodeEnded) }),
  });

const encodeEnded = ({ tokenHash, endedAt, forgetAt, cause, note, by }: EndedViewer) => [
  ...[tokenHash, endedAt, forgetAt, cause, note],
  ...(by ? [by.publicId, by.device, by.label, by.address] : []),
];

/**
 * The session of a text; `where` it stands is for the error.
 * @throws RigError INTERNAL for what is no viewer session, or one that this version cannot read
 */
export function readViewers(where: string, text: string): StoredViewers {
  const refuse = (reason: string) =>
    new RigError("INTERNAL", `${where}: ${reason}`, {
      hint: "Another hand wrote it; it goes by itself once nobody has changed it for a while.",
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refuse("no viewer session"); // the parser's own words would show parts of it, maybe its name
  }
  if (!isObject(parsed)) throw refuse("no viewer session");
  if (parsed.v !== VERSION) throw refuse("a viewer session of another version");
  const { s: name = null, t = [], e = [], l } = parsed;
  if (!isTextOrNull(name) || !Array.isArray(t) || !Array.isArray(e)) throw refuse("a viewer session that is broken");
  const tokens = t.map(decodeToken);
  const ended = e.map(decodeEnded);
  if (!tokens.every((each) => each !== null) || !ended.every((each) => each !== null))
    throw refuse("a viewer session that is broken");
  return { name, tokens, ended, limit: typeof l === "number" ? l : undefined };
}

function decodeToken(row: unknown): ViewerToken | null {
  if (!Array.isArray(row)) return null;
  const [tokenHash, createdAt, expiresAt, device = null, content = null, label = null, address = null] = row;
  if (!isHash(tokenHash) || !isInstant(createdAt) || !isInstant(expiresAt)) return null;
  if (row.length === 3) return { tokenHash, createdAt, expiresAt, details: NO_DETAILS };
  const details = { device, content, label, address };
  return Object.values(details).every(isTextOrNull)
    ? { tokenHash, createdAt, expiresAt, details: details as ViewerDetails }
    : null;
}

const CAUSES: readonly EndCause[] = ["stopped", "oldest", "named", "operator"];

function decodeEnded(row: unknown): EndedViewer | null {
  if (!Array.isArray(row)) return null;
  const [
    tokenHash,
    endedAt,
    forgetAt,
    cause,
    note = null,
    publicId = null,
    device = null,
    label = null,
    address = null,
  ] = row;
  if (!isHash(tokenHash) || !isInstant(endedAt) || !isInstant(forgetAt) || !CAUSES.includes(cause)) return null;
  const by = { publicId, device, label, address };
  if (!isTextOrNull(note) || !Object.values(by).every(isTextOrNull)) return null;
  return { tokenHash, endedAt, forgetAt, cause, note, by: row.length > 5 ? (by as EndedBy) : null };
}

const HASH = /^[0-9a-f]{32}$/;
const isHash = (value: unknown): value is string => typeof value === "string" && HASH.test(value);
const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === "string";
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
