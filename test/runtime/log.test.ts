import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import { Secret } from "../../src/domain/secret.ts";
import { createLog, logTo } from "../../src/runtime/log.ts";

function captured(write: (log: ReturnType<typeof logTo>) => void): string {
  let text = "";
  write(logTo({ write: (line) => (text += line) }, "debug"));
  return text;
}

it("writes one JSON line with time, level, fields and words", () => {
  const line = JSON.parse(captured((log) => log.info({ relayId: "r1" }, "relay waiting")));

  expect(line).toMatchObject({ level: "info", pid: process.pid, relayId: "r1", msg: "relay waiting" });
  expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

it.each<[string, object]>([
  ["a Secret", { key: new Secret("canary") }],
  ["a Secret deep inside", { a: { b: { c: [new Secret("canary")] } } }],
  ["a field that is known to hold one", { streamKey: "canary" }],
  ["such a field of an object", { request: { password: "canary" } }],
  ["such a field two levels deep", { request: { headers: { authorization: "canary" } } }],
  [
    "what hangs on an error",
    { err: Object.assign(new Error("failed"), { request: "canary", config: { key: "canary" } }) },
  ],
  [
    "what hangs on an error's cause",
    { err: new Error("x", { cause: Object.assign(new Error("y"), { body: "canary" }) }) },
  ],
])("does not show %s", (_what, fields) => {
  expect(captured((log) => log.error(fields, "something"))).not.toContain("canary");
});

it("shows an error's code, message and cause", () => {
  const err = new RigError("ETCD_UNREACHABLE", "etcd is away", { cause: new Error("refused") });

  expect(JSON.parse(captured((log) => log.warn({ err }, "failed"))).err).toMatchObject({
    type: "RigError",
    code: "ETCD_UNREACHABLE",
    message: "etcd is away",
    cause: { type: "Error", message: "refused" },
  });
});

it("appends to a file that only its owner may read", () => {
  const folder = mkdtempSync(join(tmpdir(), "rig-log-"));
  const file = join(folder, "logs/rig.log");

  createLog({ level: "info", file }).info({}, "one");
  createLog({ level: "info", file }).debug({}, "not this");
  createLog({ level: "info", file }).info({}, "two");

  const words = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).msg);
  expect(words).toEqual(["one", "two"]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  rmSync(folder, { recursive: true });
});
