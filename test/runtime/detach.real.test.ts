import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startDetached } from "../../src/runtime/detach.ts";
import { packageFile } from "../../src/runtime/package-file.ts";
import { identifyProcess } from "../../src/runtime/process-identity.ts";
import { until } from "../support/until.ts";

let folder: string;
let logFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rig-detach-"));
  logFile = join(folder, "logs/rig.log");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts a little program that has rig's side of the talk at hand. */
function start(program: string, signal = AbortSignal.timeout(20_000)) {
  const path = join(folder, "program.mjs");
  writeFileSync(
    path,
    `import { createJiti } from ${JSON.stringify(packageFile("node_modules/jiti/lib/jiti.mjs"))};
     const jiti = createJiti(import.meta.url, { fsCache: false });
     const { reportReady, reportFailure } = await jiti.import(${JSON.stringify(packageFile("src/runtime/detach.ts"))});
     const { RigError } = await jiti.import(${JSON.stringify(packageFile("src/domain/errors.ts"))});
     ${program}`,
  );
  return startDetached({ program: path, args: ["--one", "two"], logFile }, signal);
}

it("returns once the other process is ready, and leaves it running with its output in the log", async () => {
  const pid = await start(`console.log(process.argv.slice(2).join(" ")); reportReady(); setInterval(() => {}, 1e6);`);

  expect(identifyProcess(pid)).not.toBeNull();
  await until(() => readFileSync(logFile, "utf8").includes("--one two"));
  expect(statSync(logFile).mode & 0o777).toBe(0o600);

  process.kill(pid, "SIGKILL");
  await until(() => identifyProcess(pid) === null);
});

it("does not keep the other process alive by having waited for it", async () => {
  const pid = await start("reportReady();");

  await until(() => identifyProcess(pid) === null);
});

it("fails with the error that the other process failed with", async () => {
  const failed = start(`reportFailure(new RigError("PORT_IN_USE", "port 1 is taken", { hint: "another?" }));`);

  await expect(failed).rejects.toMatchObject({ code: "PORT_IN_USE", message: "port 1 is taken", hint: "another?" });
});

it("says where to look when the other process ends without a word", async () => {
  await expect(start("process.exit(3);")).rejects.toMatchObject({
    code: "INTERNAL",
    message: "rig ended with exit code 3 before it was ready",
    hint: `Its last words stand in ${logFile}`,
  });
});

it("ends the other process when nobody waits any more", async () => {
  const stop = new AbortController();
  const started = start("setInterval(() => {}, 1e6);", stop.signal);

  await until(() => statSync(logFile, { throwIfNoEntry: false }) !== undefined);
  stop.abort();

  await expect(started).rejects.toMatchObject({ message: "rig ended by SIGTERM before it was ready" });
});
