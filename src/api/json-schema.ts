import { z } from "zod";

/** Any JSON object of a document. */
export type Json = Record<string, unknown>;

/** The wire form of a schema; what bears a name goes into `schemas` and is referred to. */
export function jsonSchema(schema: z.ZodType, schemas: Json): Json {
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
