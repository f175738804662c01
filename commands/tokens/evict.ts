import { viewerText } from "../../src/domain/viewer-details.ts";
import { type EndOptions, endTokens } from "./end-tokens.ts";

/** `rig tokens evict SESSION ID | --all [--key HASH] [--note TEXT] [--yes]`; its viewer hears at its next renewal who did it and why. */
export const run = (options: EndOptions & { note?: string }, session?: string, id?: string): Promise<void> =>
  endTokens(options, [session, id], { do: "evict", note: viewerText("--note", options.note) });
