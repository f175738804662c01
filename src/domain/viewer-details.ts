import { invalidInput } from "./errors.ts";
import type { ViewerDetails } from "./viewer-session.ts";

/** Longest text that a viewer's app or an operator may leave with a token. */
export const MAX_VIEWER_TEXT = 64;

const PLAIN = /^[^\p{Cc}\p{Cs}]*$/u; // what no store and no terminal trips over

/** A text to be kept with a token; an empty one is none. @throws RigError INVALID_INPUT for a long one, or control characters */
export function viewerText(field: string, text: string | null | undefined): string | null {
  if (text === null || text === undefined || text === "") return null;
  if (text.length > MAX_VIEWER_TEXT)
    throw invalidInput(field, `must have at most ${MAX_VIEWER_TEXT} characters, got ${text.length}`);
  if (!PLAIN.test(text)) throw invalidInput(field, `must have no control characters, got ${JSON.stringify(text)}`);
  return text;
}

/** What a viewer's app says of itself, checked. @throws RigError INVALID_INPUT */
export const viewerDetails = (said: Partial<ViewerDetails>): ViewerDetails => ({
  device: viewerText("device", said.device),
  content: viewerText("content", said.content),
  label: viewerText("label", said.label),
  address: viewerText("address", said.address),
});
