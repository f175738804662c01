import { expect, it } from "vitest";
import { changedSettings, settingDifferences } from "../../src/config/changed-settings.ts";
import { loadSettings } from "../../src/config/load-settings.ts";

const changed = async (env: Record<string, string>) =>
  changedSettings(await loadSettings({ env: { RIG_DATA: "/nowhere", ...env }, cwd: "/" }));

it("keeps the settings that are not at their default, and of a secret only that it is set", async () => {
  const env = {
    REDIS_HOST: "127.0.0.1",
    REDIS_PORT: "6379",
    REDIS_PASSWORD: "canary",
    TOKEN_PLANS: '{"a":{"limit":2}}',
  };

  const kept = await changed(env);

  expect(kept).toMatchObject({ redisHost: "127.0.0.1", redisPassword: "[redacted]" });
  expect(Object.keys(kept).sort()).toEqual(["redisHost", "redisPassword", "tokenPlans"]);
  expect(JSON.stringify(kept)).not.toContain("canary");
});

it.each([
  ["the same", { TOKEN_LIMIT: "4", RIG_TOKEN: "a" }, { TOKEN_LIMIT: "4", RIG_TOKEN: "a" }, []],
  ["the default, said aloud", {}, { TOKEN_LIMIT: "3" }, []],
  ["set since", {}, { TOKEN_LIMIT: "9" }, [{ name: "tokenLimit", before: undefined, now: 9 }]],
  ["changed since", { CLUSTER: "a" }, { CLUSTER: "b" }, [{ name: "cluster", before: "a", now: "b" }]],
  ["unset since", { REDIS_HOST: "r" }, {}, [{ name: "redisHost", before: "r", now: undefined }]],
  ["a secret set since", {}, { RIG_TOKEN: "a" }, [{ name: "apiToken", before: undefined, now: "[redacted]" }]],
])("tells what differs from an earlier start: %s", async (_what, before, now, expected) => {
  const kept = JSON.parse(JSON.stringify(await changed(before))); // as the state file gives it back

  expect(settingDifferences(kept, await changed(now))).toEqual(expected);
});
