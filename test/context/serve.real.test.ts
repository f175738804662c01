import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { packageFile } from "../../src/runtime/package-file.ts";
import { until } from "../support/until.ts";

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rig-serve-"));
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Serves, in a process of its own, what this program starts: `parts` to fill, `say` to be heard. */
function serving(start: string) {
  const path = join(folder, "program.mjs");
  writeFileSync(
    path,
    `import { createJiti } from ${JSON.stringify(packageFile("node_modules/jiti/lib/jiti.mjs"))};
     const jiti = createJiti(import.meta.url, { fsCache: false });
     const { serve } = await jiti.import(${JSON.stringify(packageFile("src/context/serve.ts"))});
     const say = (word) => process.stdout.write(word + "\\n");
     const log = { debug() {}, info: (_, message) => say(message), warn: (_, message) => say(message), error() {} };
     setInterval(() => {}, 1e6); // something that keeps the process alive
     const broken = new Promise(() => {});
     await serve(async (parts) => { ${start} }, async () => say("ready"), log);
     process.exit(0);`,
  );
  const started = spawn(process.execPath, [path], { stdio: ["ignore", "pipe", "inherit"] });
  child = started;
  let text = "";
  started.stdout.on("data", (bytes) => (text += bytes));
  const ended = new Promise<number | null>((resolve) => started.once("close", resolve));
  const tell = async (word: string) => {
    await until(() => text.includes(word), { what: `${word} in ${JSON.stringify(text)}` });
    started.kill("SIGTERM");
  };
  return { tell, ended, output: () => text };
}

it("stops its parts at the first signal, the last started first", async () => {
  const { tell, ended, output } = serving(`
    parts.unshift({ name: "first", stop: async () => say("first stops") });
    parts.unshift({ name: "second", stop: async () => say("second stops") });
    return { broken };`);

  await tell("ready");

  expect(await ended).toBe(0);
  expect(output()).toMatch(/stopping\nsecond stops\nstopped\nfirst stops\nstopped\nrig has stopped\n$/);
});

it("ends at the second signal, though the start has not ended", async () => {
  const { tell, ended } = serving(`say("starting"); await broken;`);

  await tell("starting");
  await tell("stopping");

  expect(await ended).toBe(1);
});
