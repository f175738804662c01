import type { z } from "zod";
import type { ErrorCode } from "../domain/errors.ts";
import { nothing } from "./schemas/common.ts";

/** Who may call a route: an operator by bearer token, an agent by client certificate, a viewer's app by its session's secret (or an operator). */
export type Policy = "operator" | "agent" | "viewer";

/** All policies: a route with any other one, or none, keeps the server from starting. */
export const POLICIES: readonly Policy[] = ["operator", "agent", "viewer"];

const BODY_LIMIT_BYTES = 64 * 1024;

/** One route of the contract. Schemas are codecs: wire form outside, the domain's form inside. */
export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With `:name` for each part in `params`. */
  readonly path: string;
  readonly policy: Policy;
  readonly summary: string;
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  /** An object; its names in lower case. */
  readonly headers: z.ZodType;
  /** Null where the route takes no body. */
  readonly body: z.ZodType | null;
  readonly bodyLimitBytes: number;
  /** The answer's `payload`. */
  readonly output: z.ZodType;
  readonly status: 200 | 201;
  /** True where sending it twice does no more than once: the client may try again on a broken connection. */
  readonly repeatable: boolean;
  /** True where every refusal is a problem document (RFC 9457) as well as an envelope. */
  readonly problems: boolean;
  /** What it refuses with, besides what every route does. */
  readonly errors: readonly ErrorCode[];
}

type Declared = Pick<Route, "method" | "path" | "policy" | "summary" | "output"> & Partial<Route>;

const DEFAULTS = {
  params: nothing,
  query: nothing,
  headers: nothing,
  body: null,
  bodyLimitBytes: BODY_LIMIT_BYTES,
  status: 200,
  problems: false,
  errors: [],
} as const;

type Completed<R> = R & Omit<typeof DEFAULTS & { repeatable: boolean }, keyof R>;

/** Fills in what a route does not say: no parameters, no query, no body, 64 KiB, 200, repeatable unless it is a POST. */
export const route = <const R extends Declared>(declared: R): Completed<R> => ({
  ...DEFAULTS,
  repeatable: declared.method !== "POST",
  ...declared,
});
