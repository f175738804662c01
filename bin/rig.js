#!/usr/bin/env node
// Plain JavaScript, so that an old Node or a checkout that is not built gets a clear word instead of a stack.
import { existsSync } from "node:fs";

const [major, minor] = process.versions.node.split(".").map(Number);
const main = new URL("../dist/commands/main.js", import.meta.url);
const problem =
  major < 20 || (major === 20 && minor < 19)
    ? `rig needs Node 20.19 or newer, this is ${process.versions.node}\nInstall a newer Node and try again.\n`
    : !existsSync(main) && "rig is not built yet\nRun `make build` (or `npm ci`) in the checkout first.\n";
if (problem) {
  process.stderr.write(problem);
  process.exitCode = 1;
} else await import(main.href);
