// Builds dist/ with tsc. As npm's `prepare` it does nothing where dist/ exists and tsc does not (an installed package),
// nor where dist/ exists and it is npx that prepares: its first run in a checkout would build again what `make` has built.
import { spawnSync } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const remove = (folder) => rmSync(folder, { recursive: true, force: true });
const tsc = path("node_modules/typescript/bin/tsc");
const dist = path("dist");

const isNpx = process.env.npm_command === "exec";

if (isNpx && existsSync(dist)) process.exitCode = 0;
else if (existsSync(tsc)) {
  // Built aside and swapped in whole, so that a `rig` that starts meanwhile never sees half a build.
  const next = path(`dist.new.${process.pid}`);
  const last = path(`dist.old.${process.pid}`);
  const { status } = spawnSync(process.execPath, [tsc, "-p", path("tsconfig.build.json"), "--outDir", next], {
    stdio: "inherit",
  });
  if (status === 0) {
    if (existsSync(dist)) renameSync(dist, last);
    renameSync(next, dist);
  }
  remove(next);
  remove(last);
  process.exitCode = status ?? 1;
} else if (!existsSync(dist)) {
  process.stderr.write("rig cannot be built: typescript is missing\nRun `npm ci --include=dev` and try again.\n");
  process.exitCode = 1;
}
