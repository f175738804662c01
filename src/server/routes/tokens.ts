import type { z } from "zod";
import { Problem } from "../../api/problem.ts";
import { fullSessionSchema, type viewerTokenSchema, whyEndedSchema } from "../../api/schemas/tokens.ts";
import { wireForm } from "../../api/wire-form.ts";
import { RigError } from "../../domain/errors.ts";
import type { ViewerAnswer } from "../../domain/viewer-operation.ts";
import { type EndedViewer, publicIdOf, type ViewerToken } from "../../domain/viewer-session.ts";
import { type ViewerAccess, withoutLimit } from "../../services/viewer-access.ts";
import type { DeskSession, ViewerDesk } from "../../services/viewer-desk.ts";
import type { Handlers } from "../handlers.ts";

/** What `/v1/tokens` works with. */
export interface ViewerServices {
  readonly desk: ViewerDesk;
  readonly access: ViewerAccess;
}

/** The routes of `/v1/tokens`, by name. */
export type TokenRoutes =
  | "createToken"
  | "refreshToken"
  | "stopToken"
  | "evictToken"
  | "listTokens"
  | "showTokens"
  | "createSessionSecret";

/** Handlers of `/v1/tokens`. */
export const tokenHandlers = ({ desk, access }: ViewerServices): Handlers<TokenRoutes> => ({
  async createToken({ body, headers, sessionSecret }) {
    const at = await access.admit(body, sessionSecret);
    const { device = null, content = null, label = null, address = null, evict = null } = body;
    const { answer, token } = await desk.create(at, {
      ...{ details: { device, content, label, address }, evict },
      idempotencyKey: headers["idempotency-key"] ?? null,
    });
    if (answer.answer !== "issued" || token === null) throw refusal(answer);
    const { isRepeat, evicted } = answer;
    return {
      ...live(answer, answer.token, token),
      isRepeat,
      evicted: evicted.map(publicIdOf),
      ...standing(at, answer),
    };
  },
  async refreshToken({ body, sessionSecret }) {
    const at = await access.admit(body, sessionSecret);
    const answer = await desk.refresh(at, body.token);
    if (answer.answer !== "renewed") throw refusal(answer);
    return { ...live(answer, answer.token, body.token), ...standing(at, answer) };
  },
  async stopToken({ body, sessionSecret, actor }) {
    const at = await access.look(body, sessionSecret);
    const { token, id: publicId = "" } = body;
    return ended(at, await desk.stop(withoutLimit(at), token === undefined ? { publicId } : { token }, actor));
  },
  async evictToken({ body, actor }) {
    const at = await access.look(body, null);
    return ended(at, await desk.evict(withoutLimit(at), body.id, body.note ?? null, actor));
  },
  async listTokens({ headers, sessionSecret }) {
    const at = await access.look({ session: headers["x-stream-session"] }, sessionSecret);
    return standing(at, await desk.list(withoutLimit(at)));
  },
  async showTokens({ body, sessionSecret }) {
    const at = await access.look(body, sessionSecret);
    return standing(at, await desk.list(withoutLimit(at)));
  },
  createSessionSecret: async ({ body }) => access.newSecret(body),
});

const HALF_MS = 2_000; // a viewer asks at half of what is left, so that one lost request costs nothing

const live = ({ at }: ViewerAnswer, { tokenHash, expiresAt }: ViewerToken, token: string) => ({
  ...{ token, id: publicIdOf({ tokenHash }), expiresAt },
  refreshAfterSeconds: Math.max(0, (expiresAt - at) / HALF_MS),
});

const standing = ({ rules }: DeskSession, { active }: ViewerAnswer) => ({
  limit: rules.limit,
  active: active.map(shown),
});

const shown = ({ details, ...token }: ViewerToken): z.output<typeof viewerTokenSchema> => ({
  ...{ id: publicIdOf(token), createdAt: token.createdAt, expiresAt: token.expiresAt },
  ...details,
});

function ended(at: DeskSession, answer: ViewerAnswer) {
  if (answer.answer === "ended") return { id: publicIdOf(answer.ended), ...standing(at, answer) };
  if (answer.answer === "token ended") throw gone(answer.ended);
  throw new RigError("NOT_FOUND", "the session has no such live token");
}

/** Why a viewer gets no token. */
function refusal(answer: ViewerAnswer): RigError {
  switch (answer.answer) {
    case "limit reached":
      return full(answer);
    case "token ended":
      return gone(answer.ended);
    default:
      return new RigError("VIEWER_TOKEN_EXPIRED", "the token has expired, or was never this session's");
  }
}

const toWireFull = wireForm(fullSessionSchema);
const toWireEnded = wireForm(whyEndedSchema);

function full({ fullOf, freeAt, at, limit, active }: Extract<ViewerAnswer, { answer: "limit reached" }>): Problem {
  const retryAfterSeconds = Math.max(1, Math.ceil((freeAt - at) / 1_000));
  const says = toWireFull({ fullOf, freeAt, retryAfterSeconds, limit, active: active.map(shown) }) as object;
  const most =
    fullOf === "session"
      ? `the session has ${limit === 1 ? "its one live token" : `its ${limit} live tokens`}`
      : `its ${fullOf} has no room left`;
  return new Problem("VIEWER_LIMIT_REACHED", `no more tokens: ${most}`, { says, retryAfterSeconds });
}

const WHY = {
  stopped: "it was stopped",
  oldest: "it was the oldest, and another viewer took its place",
  named: "another viewer asked for its place",
  operator: "an operator ended it",
} as const;

function gone({ endedAt, cause, note, by, ...token }: EndedViewer): Problem {
  const from = by && { id: by.publicId, device: by.device, label: by.label, address: by.address };
  const says = toWireEnded({ ended: { id: publicIdOf(token), at: endedAt, cause, note, by: from } }) as object;
  return new Problem("VIEWER_TOKEN_ENDED", `the token is no more: ${WHY[cause]}`, { says });
}
