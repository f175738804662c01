// Builds dist/ with tsc. As npm's `prepare` it does nothing where dist/ exists and tsc does not (an installed package).
import { spawnSync } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

if (existsSync(tsc)) {
  // Built aside and swapped in whole, so that a `rig` that runs meanwhile never sees half a build.
  rmSync(`${root}dist.new`, { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", "dist.new"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
  rmSync(`${root}dist`, { recursive: true, force: true });
  renameSync(`${root}dist.new`, `${root}dist`);
} else if (!existsSync(`${root}dist`)) {
  process.stderr.write("rig cannot be built: typescript is missing\nRun `npm ci --include=dev` and try again.\n");
  process.exit(1);
}
