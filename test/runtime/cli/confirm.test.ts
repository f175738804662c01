import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { confirm } from "../../../src/runtime/cli/confirm.ts";

const real = (["stdin", "stderr", "stdout"] as const).map(
  (name) => [name, Object.getOwnPropertyDescriptor(process, name)] as const,
);

const { CI } = process.env;

afterEach(() => {
  if (CI !== undefined) process.env.CI = CI;
  for (const [name, descriptor] of real) if (descriptor) Object.defineProperty(process, name, descriptor);
});

/** Somebody at a terminal who types this. */
function sits(typed: string): { shown(): string } {
  delete process.env.CI; // where nobody sits
  const stand = () => Object.assign(new PassThrough(), { isTTY: true });
  const [stdin, stderr] = [stand(), stand()];
  for (const [name, value] of Object.entries({ stdin, stderr, stdout: stand() }))
    Object.defineProperty(process, name, { value, configurable: true });
  stdin.end(typed);
  return { shown: () => String(stderr.read() ?? "") };
}

describe("a question on the terminal", () => {
  it.each([
    ["y\n", true],
    ["Yes\n", true],
    ["\n", false],
    ["yet\n", false],
    ["", false],
  ])("takes %j as %s", async (typed, isYes) => {
    sits(typed);

    expect(await confirm("Stop all?", {})).toBe(isYes);
  });

  it("shows a foreign name without what would move the cursor or colour the screen", async () => {
    const { shown } = sits("n\n");

    await confirm("Stop all tokens of session a\u001b[2Jb\u009bc\r?", {});

    expect(shown()).toContain("session a\ufffd[2Jb\ufffdc\ufffd? [y/N] ");
  });
});
