import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { identifyProcess, isRunning, ownIdentity } from "../../src/runtime/process-identity.ts";
import { until } from "../support/until.ts";

it("knows this process as running", () => {
  expect(isRunning(ownIdentity())).toBe(true);
});

it("does not mistake a process that got the same id later", () => {
  expect(isRunning({ ...ownIdentity(), start: "another" })).toBe(false);
});

it.each([0, -1, 1.5, Number.NaN, 2 ** 30])("finds no process %s", (pid) => {
  expect(identifyProcess(pid)).toBeNull();
});

it("knows that a process has ended, also before its parent took note", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"]);
  await once(child, "spawn");
  const identity = identifyProcess(child.pid!);
  expect(identity && isRunning(identity)).toBe(true);

  child.kill("SIGKILL");

  await until(() => !isRunning(identity!));
});
