import { type EndOptions, endTokens } from "./end-tokens.ts";

/** `rig tokens stop SESSION ID | --all [--key HASH] [--yes]`; its viewer may begin anew at once. */
export const run = (options: EndOptions, session?: string, id?: string): Promise<void> =>
  endTokens(options, [session, id], { do: "stop" });
