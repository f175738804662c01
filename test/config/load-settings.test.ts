import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findDataFolder } from "../../src/config/data-folder.ts";
import { loadDataFolder, loadSettings } from "../../src/config/load-settings.ts";
import { readSetFlag } from "../../src/config/setting-flags.ts";
import { showSettings } from "../../src/config/show-settings.ts";
import type { RigError } from "../../src/domain/errors.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "rig-config-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const writeConfig = (text: string, name = "config.ts") => writeFileSync(join(cwd, name), text);
const failure = (sources: Parameters<typeof loadSettings>[0]) =>
  loadSettings({ env: {}, cwd, ...sources }).then(
    () => expect.unreachable("should have been refused"),
    (error: RigError) => ({ code: error.code, message: error.message, hint: error.hint, faults: error.faults }),
  );

describe("the order of sources", () => {
  it("is flag, environment, config.ts, default; each value keeps its origin", async () => {
    writeConfig("const port: number = 3;\nexport default { serverPort: port, etcdPort: port, agentPort: port };");

    const { settings, origins } = await loadSettings({
      flags: [readSetFlag("serverPort=1")],
      env: { SERVER_PORT: "2", ETCD_PORT: "2" },
      cwd,
    });

    expect([settings.serverPort, settings.etcdPort, settings.agentPort, settings.ingestPort]).toEqual([1, 2, 3, 1935]);
    expect(origins.serverPort).toEqual({ kind: "flag", at: "--set serverPort" });
    expect(origins.etcdPort).toEqual({ kind: "environment", at: "environment variable ETCD_PORT" });
    expect(origins.agentPort).toEqual({ kind: "file", at: join(cwd, "config.ts") });
    expect(origins.ingestPort).toEqual({ kind: "default", at: "default" });
  });

  it("takes the file of --config before the one of RIG_CONFIG before ./config.ts", async () => {
    writeConfig("export default { slots: 1 };");
    writeConfig("export default { slots: 2 };", "two.ts");
    writeConfig("export default { slots: 3 };", "three.ts");
    const slots = async (config: string | undefined, env: NodeJS.ProcessEnv) =>
      (await loadSettings({ config, env, cwd })).settings.slots;

    expect(await slots("three.ts", { RIG_CONFIG: "two.ts" })).toBe(3);
    expect(await slots(undefined, { RIG_CONFIG: "two.ts" })).toBe(2);
    expect(await slots(undefined, {})).toBe(1);
  });

  it("counts an empty environment variable as unset", async () => {
    expect((await loadSettings({ env: { SERVER_PORT: "", RIG_CONFIG: "" }, cwd })).settings.serverPort).toBe(8443);
  });
});

describe("the data folder", () => {
  it("is the nearest .rig upward, else ./.rig", async () => {
    mkdirSync(join(cwd, "project/deep"), { recursive: true });
    const from = async (folder: string) =>
      (await loadSettings({ env: {}, cwd: join(cwd, folder) })).settings.dataFolder;

    expect(await from("project/deep")).toBe(join(cwd, "project/deep/.rig"));
    mkdirSync(join(cwd, "project/.rig"));
    expect(await from("project/deep")).toBe(join(cwd, "project/.rig"));
  });

  it("is never one that belongs to somebody else", () => {
    mkdirSync(join(cwd, "project/deep"), { recursive: true });
    mkdirSync(join(cwd, "project/.rig"));
    const { uid } = statSync(join(cwd, "project/.rig"));

    expect(findDataFolder(join(cwd, "project/deep"), uid)).toBe(join(cwd, "project/.rig"));
    expect(findDataFolder(join(cwd, "project/deep"), uid + 1)).toBe(join(cwd, "project/deep/.rig"));
  });

  it("is found whatever is wrong with another setting", async () => {
    const env = { RIG_DATA: "by-env", SERVER_PORT: "many", INGEST_HOOK_SECRET_FILE: "missing" };

    expect(await loadDataFolder({ env, cwd })).toBe(join(cwd, "by-env"));
    await expect(loadSettings({ env, cwd })).rejects.toMatchObject({ code: "INVALID_SETTING" });
  });

  it("is what RIG_DATA says, and before that what --data says", async () => {
    const data = { name: "dataFolder", value: "by-flag", flag: "--data" } as const;
    const env = { RIG_DATA: "by-env" };

    expect((await loadSettings({ env, cwd })).settings.dataFolder).toBe(join(cwd, "by-env"));
    expect((await loadSettings({ flags: [data], env, cwd })).settings.dataFolder).toBe(join(cwd, "by-flag"));
  });

  it("that config.ts names is relative to config.ts", async () => {
    mkdirSync(join(cwd, "etc"));
    writeConfig('export default { dataFolder: "data" };', "etc/rig.ts");

    expect((await loadSettings({ config: "etc/rig.ts", env: {}, cwd })).settings.dataFolder).toBe(
      join(cwd, "etc/data"),
    );
  });
});

describe("a bad setting", () => {
  it("is refused with its name, value, what is allowed and where it came from", async () => {
    const { code, message } = await failure({ env: { SERVER_PORT: "abc" } });

    expect(code).toBe("INVALID_SETTING");
    expect(message).toBe(
      'serverPort must be a port from 0 (any free one) to 65535, got "abc" (from environment variable SERVER_PORT)',
    );
  });

  it("does not hide the others", async () => {
    const { message, faults } = await failure({ env: { SERVER_PORT: "abc", TOKEN_LIMIT: "0" } });

    expect(message).toMatch(/; and 1 more$/);
    expect(faults.map((fault) => fault.field)).toEqual(["serverPort", "tokenLimit"]);
  });

  it("that is null is refused where there must be a value", async () => {
    writeConfig("export default { serverPort: null, serverUrl: null };");

    expect((await failure({})).message).toContain(`got null (from ${join(cwd, "config.ts")})`);
  });

  it("shows no secret", async () => {
    const { message } = await failure({ env: { SEAL_KEYS: "canary" } });

    expect(message).toContain("got [redacted]");
    expect(message).not.toContain("canary");
  });

  it.each([
    ["export default { sevrerPort: 1 };", "Did you mean serverPort?"],
    ["export default { colour: 1 };", "`rig config show` lists all settings."],
  ])("whose name is unknown is refused: %s", async (text, hint) => {
    writeConfig(text);

    expect(await failure({})).toMatchObject({ code: "INVALID_SETTING", hint });
  });

  it.each([
    ["throw new Error('broken');", "cannot be loaded: broken"],
    ["export default 7;", "must export an object by default"],
  ])("file is refused: %s", async (text, message) => {
    writeConfig(text);

    expect((await failure({})).message).toContain(message);
  });

  it("file that was named and is missing is refused", async () => {
    expect((await failure({ config: "gone.ts" })).message).toBe(
      `the configuration file ${join(cwd, "gone.ts")} does not exist`,
    );
  });
});

describe("a secret", () => {
  it("comes from the file that its variable with _FILE names, one trailing newline cut", async () => {
    writeFileSync(join(cwd, "token"), "hunter2 \n");

    const { settings, origins } = await loadSettings({ env: { RIG_TOKEN_FILE: "token" }, cwd });

    expect(settings.apiToken?.open()).toBe("hunter2 ");
    expect(origins.apiToken.at).toBe("environment variable RIG_TOKEN_FILE");
  });

  it("whose file cannot be read stops the start", async () => {
    expect((await failure({ env: { RIG_TOKEN_FILE: "gone" } })).message).toBe(
      "apiToken cannot be read from gone: ENOENT (from environment variable RIG_TOKEN_FILE)",
    );
  });

  it("is never taken as a flag", () => {
    expect(() => readSetFlag("sealKeys=k:abc")).toThrow("sealKeys is a secret and cannot be given on the command line");
  });

  it("is shown redacted, and null where there is none", async () => {
    const shown = showSettings(await loadSettings({ env: { RIG_TOKEN: "canary" }, cwd }));

    expect(JSON.stringify(shown)).not.toContain("canary");
    expect(shown.find((row) => row.name === "apiToken")?.value).toBe("[redacted]");
    expect(shown.find((row) => row.name === "sealKeys")?.value).toBeNull();
  });
});

it("refuses --set without a value, and a name that is no setting", () => {
  expect(() => readSetFlag("serverPort")).toThrow("--set serverPort needs a value");
  expect(() => readSetFlag("serverPrt=1")).toThrow('"serverPrt" is not a setting (from --set)');
});
