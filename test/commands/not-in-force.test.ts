import { expect, it } from "vitest";
import { notInForce } from "../../commands/not-in-force.ts";

it("names each setting that the running platform does not have, with its values, and how to take it", () => {
  const text = notInForce(
    { redisHost: "r", region: "a\u001b[2J" },
    { tokenLimit: 9, apiToken: "[redacted]", region: "b" },
  );

  expect(text).toContain("NOT in force");
  expect(text).toContain("  tokenLimit  now 9, started with unset\n");
  expect(text).toContain("  apiToken    now one that is not shown, started with unset\n");
  expect(text).toContain("  redisHost   now unset, started with r\n");
  expect(text).toContain("make down && make up");
  expect(text).not.toContain("\u001b");
});

it.each([
  ["where nothing differs", { region: "a" }],
  ["where the start kept none", undefined],
])("says nothing %s", (_when, started) => {
  expect(notInForce(started, { region: "a" })).toBe("");
});
