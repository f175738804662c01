import { z } from "zod";
import { ERRORS, type ErrorCode } from "../domain/errors.ts";
import { errorEnvelopeSchema } from "./envelope.ts";
import type { Policy, Route } from "./route.ts";
import { ROUTES } from "./routes.ts";

type Json = Record<string, unknown>;

const SECURITY: Readonly<Record<Policy, string>> = { operator: "operatorToken", agent: "agentCertificate" };

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

/** The contract as an OpenAPI 3.1 document, made from the route table; spec/v1/openapi.yaml is held equal to it. */
export function openapiDocument(version: string): Json {
  const schemas: Json = { Error: jsonSchema(errorEnvelopeSchema, {}) };
  const paths: Record<string, Json> = {};
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
      },
      securitySchemes: {
        operatorToken: { type: "http", scheme: "bearer" },
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
    security: [{ [SECURITY[route.policy]]: [] }],
    ...parameters(route),
    ...(route.body ? { requestBody: { required: true, content: json(jsonSchema(route.body, schemas)) } } : {}),
    responses: {
      [route.status]: { description: "It worked.", content: json(successSchema(route, schemas)) },
      ...errorResponses(route),
    },
  };
}

function parameters({ params, query }: Route): Json {
  const listed = (schema: z.ZodType, place: "path" | "query") => {
    const { properties = {}, required = [] } = jsonSchema(schema, {}) as { properties?: Json; required?: string[] };
    return Object.entries(properties).map(([name, of]) => ({
      name,
      in: place,
      required: required.includes(name),
      schema: of,
    }));
  };
  const all = [...listed(params, "path"), ...listed(query, "query")];
  return all.length === 0 ? {} : { parameters: all };
}

const successSchema = ({ output, status }: Route, schemas: Json): Json => ({
  type: "object",
  required: ["msg", "status", "payload"],
  properties: { msg: { type: "string" }, status: { const: status }, payload: jsonSchema(output, schemas) },
});

function errorResponses({ errors, body }: Route): Json {
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
    { $ref: "#/components/responses/Error", description: of.join(", ") },
  ]);
  return Object.fromEntries(responses) as Json;
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

/** The wire form of a schema; what bears a name goes into `schemas` and is referred to. */
function jsonSchema(schema: z.ZodType, schemas: Json): Json {
  const { $schema: _, $defs = {}, ...own } = z.toJSONSchema(schema, { io: "input", override: tidy }) as Json;
  for (const [name, of] of Object.entries($defs as Json)) schemas[name] = withoutId(relocate(of) as Json);
  if (typeof own.id !== "string") return relocate(own) as Json;
  schemas[own.id] = withoutId(relocate(own) as Json);
  return { $ref: `#/components/schemas/${own.id}` };
}

/** Leaves out what says nothing to a reader: the pattern behind `date-time`, JavaScript's own limits, and that an array is not changed inside rig. */
function tidy({ jsonSchema: of }: { jsonSchema: Json }): void {
  if (of.format === "date-time") delete of.pattern;
  delete of.readOnly;
  if (of.maximum === Number.MAX_SAFE_INTEGER) delete of.maximum;
  if (of.minimum === Number.MIN_SAFE_INTEGER) delete of.minimum;
}

const withoutId = ({ id: _, ...rest }: Json): Json => rest;

function relocate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocate);
  if (typeof value !== "object" || value === null) return value;
  const moved = Object.entries(value).map(([key, of]) => [
    key,
    key === "$ref" && typeof of === "string" ? of.replace("#/$defs/", "#/components/schemas/") : relocate(of),
  ]);
  return Object.fromEntries(moved);
}
