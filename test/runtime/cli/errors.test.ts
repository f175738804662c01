import { describe, expect, it } from "vitest";
import { RigError } from "../../../src/domain/errors.ts";
import { exitCodeOf, formatError } from "../../../src/runtime/cli/errors.ts";

const refused = new RigError("STREAM_IN_USE", "the stream is live already", { hint: "Drop it first." });

describe("an error", () => {
  it("is two lines for a person: what happened and what to do", () => {
    expect(formatError(refused, false)).toBe("rig: the stream is live already\nDrop it first.\n");
  });

  it("that says no next step gets the one of its kind", () => {
    expect(formatError(new RigError("USER_NOT_FOUND", 'no user "bob"'), false)).toBe(
      'rig: no user "bob"\n`rig users list` shows them all.\n',
    );
  });

  it("is one object for a script", () => {
    expect(JSON.parse(formatError(refused, true))).toEqual({
      error: { code: "STREAM_IN_USE", message: "the stream is live already", hint: "Drop it first." },
    });
  });

  it("that nobody expected says so, and is no stack", () => {
    const text = formatError(new TypeError("x is not a function"), false);

    expect(text).toMatch(/^rig: unexpected error: x is not a function\n.+\n$/);
  });

  it("cannot steer the terminal", () => {
    expect(formatError(new RigError("INVALID_INPUT", "bad \u001b[2J name"), false)).toBe("rig: bad \ufffd[2J name\n");
  });
});

it.each([
  ["INTERNAL", 1],
  ["INVALID_INPUT", 2],
  ["USER_NOT_FOUND", 3],
  ["FORBIDDEN", 4],
  ["ALREADY_EXISTS", 5],
  ["DATABASE_UNREACHABLE", 6],
] as const)("%s ends with exit code %i", (code, exitCode) => {
  expect(exitCodeOf(new RigError(code, "x"))).toBe(exitCode);
});

it("anything else ends with exit code 1", () => {
  expect(exitCodeOf("thrown text")).toBe(1);
});
