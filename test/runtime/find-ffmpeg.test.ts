import { expect, it } from "vitest";
import { findFfmpeg, findProgram } from "../../src/runtime/find-ffmpeg.ts";

it("finds a program on PATH and by its path", () => {
  expect(findProgram("sh")).toMatch(/^\/.*\/sh$/);
  expect(findProgram("/bin/sh")).toBe("/bin/sh");
});

it.each(["no-such-program", "/no/such/program", "/etc/passwd", "/usr", "/"])("finds nothing to run at %s", (name) => {
  expect(findProgram(name)).toBeNull();
});

it("says what to do where there is no such ffmpeg", () => {
  expect(() => findFfmpeg("/no/such/ffmpeg")).toThrow("there is no /no/such/ffmpeg to run");
});
