import { afterAll, beforeAll, expect, it } from "vitest";
import { relayProcesses, startPlatform, type TestPlatform } from "../support/platform.ts";
import { until } from "../support/until.ts";

let platform: TestPlatform;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.stop());

interface DemoReport {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

it("proves by packet that each destination got what it should, and leaves nothing behind", async () => {
  const report = await platform.json<DemoReport>(["demo", "--seconds", "10"]);

  expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(report.checks.map(({ name }) => name)).toEqual([
    "healthy: every packet, in order",
    "healthy: untouched by the others",
    "refusing: announced a retry and made it",
    "refusing: reached by retry",
    "silent: noticed",
  ]);
  expect(await platform.json(["streams", "list"])).toEqual([]);
  expect(await platform.json(["users", "list"])).toEqual([]);
  await until(async () => (await relayProcesses(platform)).length === 0, { what: "no relay is left" });
});
