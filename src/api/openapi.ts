import { z } from "zod";
import { ERRORS, type ErrorCode } from "../domain/errors.ts";
import { errorEnvelopeSchema } from "./envelope.ts";
import { type Json, jsonSchema } from "./json-schema.ts";
import { PROBLEM_TYPE, problemSchema } from "./problem.ts";
import type { Policy, Route } from "./route.ts";
import { ROUTES } from "./routes.ts";
import { fullSessionSchema, whyEndedSchema } from "./schemas/tokens.ts";

const SECURITY: Readonly<Record<Policy, readonly string[]>> = {
  operator: ["operatorToken"],
  agent: ["agentCertificate"],
  viewer: ["operatorToken", "sessionSecret"],
};

/** What any route may refuse with, whatever it is about. */
const COMMON_ERRORS: readonly ErrorCode[] = [
  "INVALID_INPUT",
  "INVALID_CREDENTIALS",
  "FORBIDDEN",
  "INTERNAL",
  "OVERLOADED",
];
const BODY_ERRORS: readonly ErrorCode[] = ["CONTENT_TYPE", "PAYLOAD_TOO_LARGE"];

const HEALTH_PAGES: Readonly<Record<string, { summary: string; statuses: readonly number[]; output: z.ZodType }>> = {
  "/heartbeat": {
    summary: "The server's clock, ms since the epoch",
    statuses: [200],
    output: z.object({ timestamp: z.number().int() }),
  },
  "/livez": { summary: "The process turns", statuses: [200], output: z.object({ live: z.literal(true) }) },
  "/readyz": {
    summary: "Each neighbour, and whether it works",
    statuses: [200, 503],
    output: z.object({
      ready: z.boolean(),
      checks: z.array(
        z.object({ name: z.string(), ok: z.boolean(), durationMs: z.number().int(), reason: z.string().nullable() }),
      ),
    }),
  },
};

const VIEWER_ERROR = z.object({ errors: z.array(z.object({ code: z.number().int(), message: z.string() })) });

/** The stream service at the server's root, whose answers are its first version's and not an envelope. */
const streamServicePaths = (): Record<string, Json> => ({
  "/": {
    get: {
      summary: "Says OK",
      security: [],
      responses: { 200: { description: "OK", content: { "text/plain": { schema: { const: "OK" } } } } },
    },
  },
  "/streams": {
    get: {
      summary:
        "Issues or renews a viewer token; a viewer session has TOKEN_LIMIT at most, each for STREAM_EXPIRY seconds",
      security: [],
      parameters: ["X-Stream-Session", "X-Stream-Token"].map((name) => ({
        name,
        in: "header",
        required: name === "X-Stream-Session",
        schema: { type: "string" },
      })),
      responses: {
        200: {
          description: "A live token.",
          content: json(jsonSchema(z.object({ session: z.string(), token: z.string() }), {})),
        },
        401: {
          description: "1 No user session provided, 2 Exceeded number of allowed sessions, 3 Token expired",
          content: json(jsonSchema(VIEWER_ERROR, {})),
        },
        500: { description: "0 An unexpected error occurred.", content: json(jsonSchema(VIEWER_ERROR, {})) },
      },
    },
  },
});

/** The contract as an OpenAPI 3.1 document, made from the route table; spec/v1/openapi.yaml is held equal to it. */
export function openapiDocument(version: string): Json {
  const schemas: Json = { Error: jsonSchema(errorEnvelopeSchema, {}), Problem: problemForm() };
  const paths: Record<string, Json> = streamServicePaths();
  for (const [path, page] of Object.entries(HEALTH_PAGES)) paths[path] = { get: healthOperation(page) };
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route, schemas) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "rig",
      version,
      description:
        "Every `/v1` route answers `{msg, status, payload}`; errors add `errorCode` and `code`, and their `payload` lists each fault of the input by its field (errors.md).",
    },
    paths,
    components: {
      schemas,
      responses: {
        Error: { description: "It did not work.", content: json({ $ref: "#/components/schemas/Error" }) },
        Problem: {
          description: "It did not work.",
          content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
      securitySchemes: {
        operatorToken: { type: "http", scheme: "bearer" },
        sessionSecret: {
          type: "http",
          scheme: "bearer",
          description: "A session's own secret (`POST /v1/tokens/secret`): good for that session alone.",
        },
        agentCertificate: {
          type: "mutualTLS",
          description: "A client certificate of the platform's CA with the URI `rig:agent:<id>`.",
        },
      },
    },
  };
}

function operation(operationId: string, route: Route, schemas: Json): Json {
  return {
    operationId,
    summary: route.summary,
    security: SECURITY[route.policy].map((scheme) => ({ [scheme]: [] })),
    ...parameters(route),
    ...(route.body ? { requestBody: { required: true, content: json(jsonSchema(route.body, schemas)) } } : {}),
    responses: {
      [route.status]: { description: "It worked.", content: json(successSchema(route, schemas)) },
      ...errorResponses(route),
    },
  };
}

function parameters({ params, query, headers }: Route): Json {
  const listed = (schema: z.ZodType, place: "path" | "query" | "header") => {
    const { properties = {}, required = [] } = jsonSchema(schema, {}) as { properties?: Json; required?: string[] };
    return Object.entries(properties).map(([name, of]) => ({
      name,
      in: place,
      required: required.includes(name),
      schema: of,
    }));
  };
  const all = [...listed(params, "path"), ...listed(query, "query"), ...listed(headers, "header")];
  return all.length === 0 ? {} : { parameters: all };
}

const successSchema = ({ output, status }: Route, schemas: Json): Json => ({
  type: "object",
  required: ["msg", "status", "payload"],
  properties: { msg: { type: "string" }, status: { const: status }, payload: jsonSchema(output, schemas) },
});

function errorResponses({ errors, body, problems }: Route): Json {
  const codes = new Set<ErrorCode>([
    ...COMMON_ERRORS,
    ...(body ? (["MISSING_INPUT", ...BODY_ERRORS] as const) : []),
    ...errors,
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { httpStatus } = ERRORS[code];
    byStatus.set(httpStatus, [...(byStatus.get(httpStatus) ?? []), code]);
  }
  const responses = [...byStatus].map(([status, of]) => [
    status,
    { $ref: `#/components/responses/${problems ? "Problem" : "Error"}`, description: of.join(", ") },
  ]);
  return Object.fromEntries(responses) as Json;
}

/** A problem document, with what single refusals add. */
function problemForm(): Json {
  const form = jsonSchema(problemSchema, {});
  const added = [fullSessionSchema, whyEndedSchema].map((schema) => jsonSchema(schema.partial(), {}).properties);
  return { ...form, properties: Object.assign({}, form.properties, ...added) };
}

const healthOperation = ({ summary, statuses, output }: (typeof HEALTH_PAGES)[string]): Json => ({
  summary,
  security: [],
  responses: Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: status === 200 ? "It works." : "It does not.", content: json(jsonSchema(output, {})) },
    ]),
  ),
});

const json = (schema: Json): Json => ({ "application/json": { schema } });
