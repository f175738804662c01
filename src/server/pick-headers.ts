import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";

/** Of a request's headers those that a route's schema names. */
export function pickHeaders(schema: z.ZodType, headers: IncomingHttpHeaders): Record<string, unknown> {
  const names = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return Object.fromEntries(names.filter((name) => name in headers).map((name) => [name, headers[name]]));
}
