import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { processesUnder, startPlatform, type TestPlatform } from "../support/platform.ts";
import { until } from "../support/until.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.stop());

it("undoes a start that fails halfway, says why, and starts once that is mended", async () => {
  const { folder, run } = platform;
  const identity = join(folder, ".rig", "etcd", "store.json");
  const whole = await readFile(identity, "utf8");
  await run(["down"]);
  await writeFile(identity, whole.slice(0, 20)); // the store fails at once, PostgreSQL takes longer to start

  const failed = await run(["up", "--detach"]);

  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("store.json is damaged") });
  await until(() => processesUnder(folder).length === 0, { what: "nothing of the failed start runs" });
  await writeFile(identity, whole);
  await platform.up();
  expect((await run(["status"])).code).toBe(0);
});
