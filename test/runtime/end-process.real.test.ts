import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { endProcess } from "../../src/runtime/end-process.ts";
import { identifyProcess, type ProcessIdentity } from "../../src/runtime/process-identity.ts";

const never = new AbortController().signal;
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A process that says so when it is ready, and then waits for ever. */
async function start(program: string): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ["-e", `${program}; setInterval(() => {}, 1e6); console.log("ready")`]);
  children.push(child);
  await once(child.stdout, "data");
  const identity = identifyProcess(child.pid ?? 0);
  if (!identity) throw new Error("it does not run");
  return identity;
}

it.each([
  ["stops one that obeys", "", 30_000, "stopped"],
  ["kills one that does not, after the grace", `process.on("SIGTERM", () => {})`, 50, "killed"],
])("%s", async (_, program, graceMs, how) => {
  const target = await start(program);

  expect(await endProcess(target, { graceMs, clock: systemClock }, never)).toBe(how);

  expect(identifyProcess(target.pid)).toBeNull();
});

it("leaves alone a process that has the id of one that is gone", async () => {
  const present = await start("");

  expect(await endProcess({ ...present, start: "of before" }, { graceMs: 0, clock: systemClock }, never)).toBe(
    "was gone",
  );

  expect(identifyProcess(present.pid)).toEqual(present);
});
