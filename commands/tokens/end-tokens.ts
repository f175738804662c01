import { RigError } from "../../src/domain/errors.ts";
import { publicIdOf } from "../../src/domain/viewer-session.ts";
import { allEnded } from "../../src/runtime/all-ended.ts";
import { confirm } from "../../src/runtime/cli/confirm.ts";
import { printOne, printRows, type View } from "../../src/runtime/cli/output.ts";
import { writeWord } from "../../src/runtime/cli/write.ts";
import type { HowToEnd, SessionStatus } from "../../src/services/viewer-admin.ts";
import { readSession, type SessionOptions } from "./which-session.ts";
import { withViewers } from "./with-viewers.ts";

/** All as typed. */
export interface EndOptions extends SessionOptions {
  readonly all?: boolean;
  readonly yes?: boolean;
}

interface EndedToken {
  readonly id: string;
  readonly session: string | null;
  readonly state: "stopped" | "evicted";
}

const WORDS = {
  stop: { verb: "Stop", state: "stopped", cause: "stopped" },
  evict: { verb: "Evict", state: "evicted", cause: "operator" },
} as const;

/** Ends one token of a session, or all that live now; exits 3 where there is none. One that was ended so before is as asked for. */
export async function endTokens(
  options: EndOptions,
  operands: readonly (string | undefined)[],
  how: HowToEnd,
): Promise<void> {
  const { which, others } = readSession(options, operands);
  const id = readId(options, others);
  const { verb, state, cause } = WORDS[how.do];
  const ended = await withViewers(options, async ({ viewers, actor }): Promise<EndedToken[] | null> => {
    const session = await viewers.show(which);
    const live = session.tokens.map(publicIdOf);
    const whose = `of ${wordsFor(session)}`;
    if (id !== null && session.ended.some((each) => each.cause === cause && publicIdOf(each) === id))
      return [{ id, session: session.name, state }];
    if (id !== null && !live.includes(id)) throw notLive(id);
    if (live.length === 0) throw new RigError("VIEWER_TOKEN_NOT_FOUND", `no token ${whose} lives`);
    const all = live.length === 1 ? "the one token" : `all ${live.length} tokens`;
    const what = id === null ? `${all} ${whose}` : `token ${id} ${whose}`;
    if (!(await confirm(`${verb} ${what}?`, options))) return null;
    const ids = id === null ? live : [id];
    const done = await allEnded(ids.map((each) => viewers.end(session, each, how, actor)));
    return ids.filter((_, at) => done[at]).map((each) => ({ id: each, session: session.name, state }));
  });
  if (ended === null) return writeWord(`Not ${state}.\n`);
  if (id === null) return printRows(ended, endedTokenView, options);
  const [only] = ended;
  if (!only) throw notLive(id);
  await printOne(only, endedTokenView, options);
}

const wordsFor = ({ name, key }: SessionStatus): string =>
  name === null ? `the session with the key ${key}` : `session ${JSON.stringify(name)}`;

function readId({ all = false }: EndOptions, [id, ...more]: readonly string[]): string | null {
  if (more.length > 0 || (id !== undefined && all))
    throw new RigError("INVALID_INPUT", "name one token, or --all of the session");
  if (id === undefined && !all)
    throw new RigError("MISSING_INPUT", "a token is needed: its public id, or --all", {
      hint: "`rig tokens show SESSION` shows the ids.",
    });
  return id ?? null;
}

const notLive = (id: string): RigError =>
  new RigError("VIEWER_TOKEN_NOT_FOUND", `token ${JSON.stringify(id)} does not live in this session`);

const endedTokenView: View<EndedToken> = {
  columns: [
    { head: "TOKEN", cell: ({ id }) => id },
    { head: "STATE", cell: ({ state }) => state },
  ],
  json: (row) => row,
  name: ({ id }) => id,
};
