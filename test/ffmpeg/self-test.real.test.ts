import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfTest } from "../../src/ffmpeg/self-test.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { packageFile } from "../../src/runtime/package-file.ts";
import { FFMPEG } from "../support/push-harness.ts";

describe.skipIf(!FFMPEG)("selfTest", () => {
  let folder: string;
  let clip: Buffer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rig-self-test-"));
    clip = await readFile(packageFile("assets/demo.flv"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const test = (ffmpegPath: string) => selfTest({ ffmpegPath, clip, presetFolder: folder, clock });

  /** An ffmpeg that does something first; answers its path. */
  const wrapped = async (name: string, script: string) => {
    const path = join(folder, name);
    await writeFile(path, `#!/bin/bash\n${script}\n`);
    await chmod(path, 0o755);
    return path;
  };

  it("finds that this machine's ffmpeg can do all", async () => {
    expect(await test(FFMPEG!)).toEqual({ statsPeriod: true, rtmps: true, faults: [] });
  });

  it("does without -stats_period where a build does not know it", async () => {
    const old = `for arg; do [ "$arg" = -stats_period ] && { echo "[fatal] Unrecognized option 'stats_period'." >&2; exit 1; }; done; exec ${FFMPEG} "$@"`;

    expect(await test(await wrapped("old", old))).toMatchObject({ statsPeriod: false, faults: [] });
  });

  it("finds that a build does not read the preset", async () => {
    const deaf = `args=(); while [ $# -gt 0 ]; do if [ "$1" = -fpre:v ]; then shift 2; else args+=("$1"); shift; fi; done; exec ${FFMPEG} "\${args[@]}"`;

    const { faults } = await test(await wrapped("deaf", deaf));

    expect(faults.length).toBeGreaterThan(0);
  });

  it("finds that a build prints destination keys", async () => {
    const { faults } = await test(await wrapped("loud", `cat /dev/fd/3 >&2; exec ${FFMPEG} "$@"`));

    expect(faults).toEqual(["it prints destination keys"]);
  });

  it("finds that a build cannot be followed", async () => {
    const { faults } = await test(await wrapped("mute", `exec ${FFMPEG} "$@" > /dev/null`));

    expect(faults).toEqual(["its progress cannot be read"]);
  });

  it("says so where there is nothing to run", async () => {
    expect(await test("/no/such/ffmpeg")).toMatchObject({ rtmps: false, faults: [expect.stringContaining("ENOENT")] });
  });
});
