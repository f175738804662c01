import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageFile } from "../../src/runtime/package-file.ts";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "rig-cli-"));
});
afterAll(() => rmSync(cwd, { recursive: true }));

const env = { PATH: process.env.PATH, HOME: process.env.HOME };
const node = (args: string[], input = "") =>
  new Promise<Ended>((resolve) => {
    const child = execFile(process.execPath, args, { cwd, env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
const rig = (...args: string[]) => node([packageFile("bin/rig.js"), ...args]);

describe("rig --help", () => {
  it("loads no package but commander", async () => {
    const list = join(cwd, "list-modules.mjs");
    writeFileSync(
      list,
      `import { register } from "node:module";
       register("data:text/javascript," + encodeURIComponent(
         "export async function load(url, context, next) { process._rawDebug('loaded ' + url); return next(url, context); }"), import.meta.url);`,
    );

    const { stderr } = await node(["--import", list, packageFile("bin/rig.js"), "--help"]);

    const packages = [...stderr.matchAll(/^loaded .*\/node_modules\/((?:@[^/]+\/)?[^/]+)/gm)].map((hit) => hit[1]);
    expect(stderr).toContain("/dist/commands/main.js");
    expect(new Set(packages)).toEqual(new Set(["commander"]));
  });

  it("names every noun, on stdout", async () => {
    const { code, stdout, stderr } = await rig("--help");

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const noun of [
      "up",
      "server",
      "users",
      "streams",
      "destinations",
      "quota",
      "tasks",
      "config",
      "certs",
      "demo",
    ])
      expect(stdout).toMatch(new RegExp(`^  ${noun}\\b`, "m"));
  });
});

describe("a wrong command line", () => {
  it.each([
    [["usres", "list"], "rig: unknown command 'usres'\nDid you mean users?\n"],
    [["streams", "lst"], "rig: unknown command 'lst'\nDid you mean list?\n"],
    [["users", "add", "a", "--email", "b@c", "--jsno"], "rig: unknown option '--jsno'\nDid you mean --json?\n"],
    [["streams", "drop"], "rig: missing required argument 'stream'\nSee `rig streams drop --help`.\n"],
    [["config", "show", "-o", "xml"], 'rig: -o must be one of table, json, ndjson, yaml, name, got "xml"\n'],
    [
      ["config", "show", "--set", "sealKeys=k:1"],
      "rig: sealKeys is a secret and cannot be given on the command line\nPut it into a file and name that by SEAL_KEYS_FILE.\n",
    ],
  ])("%j is answered in two lines, with exit code 2", async (args, stderr) => {
    expect(await rig(...args)).toEqual({ code: 2, stdout: "", stderr });
  });

  it("is answered as JSON where that was asked for", async () => {
    const { code, stdout, stderr } = await rig("users", "add", "--email", "b@c", "--json");

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(JSON.parse(stderr)).toEqual({
      error: { code: "INVALID_INPUT", message: "missing required argument 'name'", hint: expect.any(String) },
    });
  });

  it("without a subcommand gets the help, and exit code 2", async () => {
    const { code, stdout, stderr } = await rig("streams");

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("rotate-key");
  });
});

describe("rig config", () => {
  it("shows values and their origin, secrets redacted", async () => {
    writeFileSync(join(cwd, "rig.ts"), 'export default { slots: 7, apiToken: "canary" };\n');

    const { stdout } = await rig("config", "show", "--origin", "--json", "--config", "rig.ts", "--set", "region=eu");

    const shown = JSON.parse(stdout);
    expect(shown.slots).toMatchObject({ value: 7, origin: join(cwd, "rig.ts") });
    expect(shown.region).toMatchObject({ value: "eu", origin: "--set region" });
    expect(shown.apiToken).toMatchObject({ value: "[redacted]", origin: join(cwd, "rig.ts") });
    expect(stdout).not.toContain("canary");
  });

  it("writes an nginx.conf with its secret for its owner alone, also over one that others could read", async () => {
    const out = join(cwd, "nginx.conf");
    writeFileSync(out, "of before", { mode: 0o644 });
    writeFileSync(
      join(cwd, "edge.ts"),
      'export default { nginxRunFolder: "/run/rig", hookSecret: "canary-of-the-hook" };\n',
    );

    const { code } = await rig("config", "nginx", "--config", "edge.ts", "--out", out);

    expect(code).toBe(0);
    expect(readFileSync(out, "utf8")).toContain("X-Rig-Hook canary-of-the-hook");
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });

  it("check lists each bad setting", async () => {
    writeFileSync(join(cwd, "bad.ts"), 'export default { slots: 0, region: "" };\n');

    const { code, stderr } = await rig("config", "check", "--config", "bad.ts");

    expect(code).toBe(2);
    expect(stderr).toContain("slots must be a whole number from 1 to 4096, got 0");
    expect(stderr).toContain("region must be");
  });
});

it("rig certs makes a CA and certificates that only their owner may read", async () => {
  const data = join(cwd, "data");

  const ca = JSON.parse((await rig("certs", "init", "--data", data, "--json")).stdout);
  const issued = JSON.parse((await rig("certs", "issue", "agent", "edge-1", "--data", data, "--json")).stdout);

  expect(ca).toEqual({ caFile: join(data, "tls/ca.pem") });
  expect(issued).toEqual({
    cert: join(data, "tls/agent-edge-1.pem"),
    key: join(data, "tls/agent-edge-1.key"),
    ca: ca.caFile,
  });
});

it.each(["bash", "zsh", "fish"])("rig completion %s knows the subcommands", async (shell) => {
  const { code, stdout } = await rig("completion", shell);

  expect(code).toBe(0);
  expect(stdout).toContain("rotate-key");
});

it("says nothing when its reader has gone", async () => {
  const script = `"$0" "$1" config show -o ndjson | head -n 1 >/dev/null; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await new Promise<Ended>((resolve) =>
    execFile("bash", ["-c", script, process.execPath, packageFile("bin/rig.js")], { cwd, env }, (_e, stdout, stderr) =>
      resolve({ code: 0, stdout, stderr }),
    ),
  );

  expect({ stdout, stderr }).toEqual({ stdout: "0\n", stderr: "" });
});
