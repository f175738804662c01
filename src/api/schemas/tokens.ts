import { z } from "zod";
import { MOST_VIEWERS } from "../../domain/viewer-plan.ts";
import { id, instant, text } from "./common.ts";

const MOST_SESSION_CHARACTERS = 8_192;
const MOST_TOKEN_CHARACTERS = 1_024;
const MOST_KEY_CHARACTERS = 255;

const isWhole = (value: string): boolean => !/\p{Cs}/u.test(value); // half a surrogate pair would be every other half too

/** The name of a viewer session, any text. A credential: it travels in a body or a header, never in a path. */
const session = z.string().min(1).max(MOST_SESSION_CHARACTERS).refine(isWhole, "must not hold half a surrogate pair");
const token = z.string().min(1).max(MOST_TOKEN_CHARACTERS);
const publicId = z.string().regex(/^[0-9a-f]{16}$/, "must be 16 of 0-9 a-f");
const said = z.string().nullable().optional(); // the domain says how long it may be

/** The session that is meant, and what holds for it: `user` is an id or a username. */
const named = {
  ...{ session, plan: id.optional() },
  ...{ limit: z.number().int().min(1).max(MOST_VIEWERS).optional(), user: id.optional() },
};

const who = { device: z.string().nullable(), label: z.string().nullable(), address: z.string().nullable() };

/** A live token as its session's viewers and operators see it: never the token. */
export const viewerTokenSchema = z
  .object({ id: publicId, createdAt: instant, expiresAt: instant, ...who, content: z.string().nullable() })
  .meta({ id: "ViewerToken" });

const standing = { limit: z.number().int(), active: z.array(viewerTokenSchema).readonly() };
const live = { token: z.string(), id: publicId, expiresAt: instant, refreshAfterSeconds: z.number() };

export const newTokenHeaders = z.strictObject({
  "idempotency-key": z.string().min(1).max(MOST_KEY_CHARACTERS).optional(),
});
export const sessionHeaders = z.strictObject({ "x-stream-session": session });

export const newTokenSchema = z.strictObject({
  ...named,
  ...{ device: said, content: said, label: said, address: said },
  evict: publicId.optional(),
});
export const tokenRefreshSchema = z.strictObject({ ...named, token });
export const tokenStopSchema = z
  .strictObject({ ...named, token: token.optional(), id: publicId.optional() })
  .refine((stop) => (stop.token === undefined) !== (stop.id === undefined), {
    error: "must name a token, or the id of one",
    path: ["token"],
  });
export const tokenEvictSchema = z.strictObject({ ...named, id: publicId, note: said });
export const sessionBodySchema = z.strictObject(named);

/** `isRepeat`: the same Idempotency-Key was asked before, and this is the token that it got. */
export const issuedTokenSchema = z
  .object({ ...live, isRepeat: z.boolean(), evicted: z.array(publicId).readonly(), ...standing })
  .meta({ id: "IssuedToken" });
export const renewedTokenSchema = z.object({ ...live, ...standing }).meta({ id: "RenewedToken" });
export const endedTokenSchema = z.object({ id: publicId, ...standing }).meta({ id: "EndedToken" });
export const viewerSessionSchema = z.object(standing).meta({ id: "ViewerSession" });
export const sessionSecretSchema = z
  .object({ secret: text(1_024), plan: z.string(), limit: z.number().int(), user: z.string().nullable() })
  .meta({ id: "SessionSecret" });

/** What the refusal of a full session adds to the envelope. */
export const fullSessionSchema = z.object({
  fullOf: z.enum(["session", "device", "content"]),
  freeAt: instant,
  retryAfterSeconds: z.number().int(),
  ...standing,
});

/** What the refusal of a token that was ended adds: who and why; `by` is null where its own viewer stopped it. */
export const whyEndedSchema = z.object({
  ended: z.object({
    id: publicId,
    at: instant,
    cause: z.enum(["stopped", "oldest", "named", "operator"]),
    note: z.string().nullable(),
    by: z.object({ id: publicId.nullable(), ...who }).nullable(),
  }),
});
