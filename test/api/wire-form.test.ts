import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Route } from "../../src/api/route.ts";
import { ROUTES } from "../../src/api/routes.ts";
import { instant, secret } from "../../src/api/schemas/common.ts";
import { wireForm } from "../../src/api/wire-form.ts";
import { Secret } from "../../src/domain/secret.ts";

const schema = z.object({
  id: z.string(),
  at: instant,
  endedAt: instant.nullable(),
  key: secret(10),
  parts: z.array(z.object({ n: z.number(), on: z.boolean(), kind: z.enum(["a", "b"]) })).readonly(),
  nothing: z.null(),
});

describe("wireForm", () => {
  const value = {
    id: "1",
    at: 0,
    endedAt: null,
    key: new Secret("k"),
    parts: [{ n: 1.5, on: true, kind: "a" as const, passwordHash: "x" }],
    nothing: null,
    passwordHash: "x",
  };

  it("applies codecs and lets through named fields only", () => {
    expect(wireForm(schema)(value)).toEqual({
      id: "1",
      at: "1970-01-01T00:00:00.000Z",
      endedAt: null,
      key: "k",
      parts: [{ n: 1.5, on: true, kind: "a" }],
      nothing: null,
    });
  });

  it("gives what z.encode gives, so that clients can decode it", () => {
    expect(wireForm(schema)(value)).toEqual(z.encode(schema, value));
  });

  it("does not guess the form of a schema that it does not know", () => {
    expect(() => wireForm(z.object({ a: z.union([z.string(), z.number()]) }))).toThrow("no wire form");
  });

  it.each(Object.entries<Route>(ROUTES))("knows the answer of %s", (_name, { output }) => {
    expect(() => wireForm(output)).not.toThrow();
  });
});
