import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkInput, encodeInput } from "../../src/api/check-input.ts";
import { destinationChangeSchema, newDestinationSchema } from "../../src/api/schemas/destinations.ts";
import { publishEndSchema, usageReportsSchema } from "../../src/api/schemas/publishes.ts";
import { newStreamSchema } from "../../src/api/schemas/streams.ts";
import { usageQuery } from "../../src/api/schemas/usage.ts";
import { newUserSchema, userParams } from "../../src/api/schemas/users.ts";
import { RigError } from "../../src/domain/errors.ts";
import { Secret } from "../../src/domain/secret.ts";

function refusal(schema: z.ZodType, given: unknown) {
  try {
    checkInput(schema, given, "body");
  } catch (error) {
    if (error instanceof RigError) return { code: error.code, faults: error.faults };
    throw error;
  }
  throw new Error("it was taken");
}

const user = { username: "ada", email: "ada@example.org" };

describe("checkInput", () => {
  it.each<[string, z.ZodType, unknown, string, [field: string, message: string][]]>([
    [
      "each field that is not there",
      newUserSchema,
      {},
      "MISSING_INPUT",
      [
        ["username", "is required"],
        ["email", "is required"],
      ],
    ],
    [
      "null as of the wrong type, not as missing",
      newUserSchema,
      { ...user, email: null },
      "INVALID_INPUT",
      [["email", "must be string, got null"]],
    ],
    ["an unknown field", newUserSchema, { ...user, role: "admin" }, "INVALID_INPUT", [["role", "is not known here"]]],
    [
      "a field that would change a prototype",
      newUserSchema,
      JSON.parse('{"username":"ada","email":"a@b","__proto__":{"admin":true}}'),
      "INVALID_INPUT",
      [["__proto__", "is not known here"]],
    ],
    ["a body that is no object", newUserSchema, ["ada"], "INVALID_INPUT", [["body", "must be object, got array"]]],
    ["no body at all", newUserSchema, null, "INVALID_INPUT", [["body", "must be object, got null"]]],
    [
      "a missing field first where another is wrong",
      newUserSchema,
      { username: "Ada!" },
      "MISSING_INPUT",
      [
        ["username", 'must be 1-64 of a-z 0-9 . _ - and begin with a letter or digit, got "Ada!"'],
        ["email", "is required"],
      ],
    ],
    [
      "a fault deep inside by its path",
      usageReportsSchema,
      { reports: [{ publishId: "P", liveSeconds: -1, ingestBytes: 0, destinations: [], end: null }] },
      "INVALID_INPUT",
      [["reports.0.liveSeconds", "must be 0 or more"]],
    ],
    [
      "a destination without a place",
      newDestinationSchema,
      { streamKey: "k" },
      "MISSING_INPUT",
      [["url", "or service is required"]],
    ],
    [
      "a destination with two places",
      newDestinationSchema,
      { url: "rtmp://h/a", service: "YouTube", streamKey: "k" },
      "INVALID_INPUT",
      [["service", "must not stand beside url"]],
    ],
    [
      "a preset's server without its preset",
      newDestinationSchema,
      { url: "rtmp://h/a", server: "SIN", streamKey: "k" },
      "INVALID_INPUT",
      [["server", "must stand beside service"]],
    ],
    [
      "a destination without its key",
      newDestinationSchema,
      { url: "rtmp://h/a" },
      "MISSING_INPUT",
      [["streamKey", "is required"]],
    ],
    ["a change of nothing", destinationChangeSchema, {}, "MISSING_INPUT", [["body", "must change something"]]],
    [
      "a month that is none",
      usageQuery,
      { period: "2026-13" },
      "INVALID_INPUT",
      [["period", "must be a month such as 2026-11"]],
    ],
    [
      "a query given twice",
      usageQuery,
      { period: ["2026-11", "2026-12"] },
      "INVALID_INPUT",
      [["period", "must be string, got array"]],
    ],
    [
      "an empty title once",
      newStreamSchema,
      { userId: "ada", title: "" },
      "INVALID_INPUT",
      [["title", "must be 1-200 characters, got 0"]],
    ],
    [
      "a title with a NUL",
      newStreamSchema,
      { userId: "ada", title: "a\0" },
      "INVALID_INPUT",
      [["title", "must not contain a NUL character"]],
    ],
    [
      "an endless title once",
      newStreamSchema,
      { userId: "ada", title: "x".repeat(1025) },
      "INVALID_INPUT",
      [["title", "must be 1024 or fewer characters"]],
    ],
    [
      "a choice that is none",
      publishEndSchema,
      { reason: "bored" },
      "INVALID_INPUT",
      [["reason", `must be one of ${publishEndSchema.shape.reason.options.join(", ")}`]],
    ],
    [
      "an id with a NUL",
      userParams,
      { userId: "a\0b" },
      "INVALID_INPUT",
      [["userId", "must be 1-64 of A-Z a-z 0-9 . _ -"]],
    ],
  ])("names %s", (_what, schema, given, code, faults) => {
    expect(refusal(schema, given)).toEqual({ code, faults: faults.map(([field, message]) => ({ field, message })) });
  });

  it("never shows a key that it refuses", () => {
    const { faults } = refusal(newDestinationSchema, { url: "rtmp://h/a", streamKey: `${"s3cr3t".repeat(200)}` });

    expect(faults).toEqual([{ field: "streamKey", message: "must be 900 or fewer characters" }]);
    expect(JSON.stringify(faults)).not.toContain("s3cr3t");
  });

  it("hands a key on as a Secret, and takes a Secret back to the wire", () => {
    const read = checkInput(newDestinationSchema, { url: "rtmp://h/a", streamKey: "k" }, "body");

    expect(read.streamKey).toBeInstanceOf(Secret);
    expect(JSON.stringify(read)).toBe('{"url":"rtmp://h/a","streamKey":"[redacted]"}');
    expect(encodeInput(newDestinationSchema, read, "body")).toEqual({ url: "rtmp://h/a", streamKey: "k" });
  });

  it("leaves no trace in the prototype of what it reads", () => {
    const read = checkInput(z.object({}), JSON.parse('{"__proto__":{"admin":true}}'), "body");

    expect((read as { admin?: boolean }).admin).toBeUndefined();
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});
