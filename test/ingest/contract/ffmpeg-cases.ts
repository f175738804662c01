import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { expect } from "vitest";
import { frameList, framesOf } from "../../support/media-clip.ts";
import { until } from "../../support/until.ts";
import type { IngestDifferences } from "./differences.ts";
import type { BenchedIt } from "./ingest-bench.ts";

const run = promisify(execFile);
const QUIET = ["-v", "error", "-nostdin"];

/** Pulls one track as a relay does and keeps its frame list. */
function pullFrames(url: string, track: "v" | "a") {
  const input = ["-fpsprobesize", "0", "-rtmp_live", "live", "-f", "live_flv", "-i", url];
  const child = spawn("ffmpeg", [...QUIET, ...input, "-map", `0:${track}:0`, "-c", "copy", "-f", "framemd5", "-"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout.on("data", (bytes: Buffer) => {
    text += bytes.toString();
  });
  child.stderr.on("data", (bytes: Buffer) => {
    text += `# ${bytes}`;
  });
  return { track, frames: () => framesOf(text), said: () => text, exited: once(child, "close") };
}

/** The same with ffmpeg at both ends. */
export function ffmpegCases(it: BenchedIt, differences: IngestDifferences): void {
  it("carries a publish of ffmpeg to pulling ffmpegs, every frame of both tracks", async (bench) => {
    const key = bench.nextKey();
    const pulls = (["v", "a"] as const).map((track) =>
      pullFrames(bench.ingest.pullUrl(`local-${key}`, `${key}-${track}`), track),
    );
    await until(() => bench.handlers.players.length === 2);

    const source = ["-re", "-i", bench.clipFile, "-c", "copy", "-f", "flv"];
    await run("ffmpeg", [...QUIET, ...source, `${bench.ingest.publishUrl}/${key}`]);
    await until(() => bench.handlers.ends.length > 0);
    if (!differences.endsPlayers)
      for (const { track } of pulls) await bench.ingest.endPlayer(`local-${key}`, `${key}-${track}`);

    for (const { track, frames, said, exited } of pulls) {
      expect(await exited).toEqual([0, null]);
      const sent = await frameList(bench.clipFile, track);
      const left = differences.leavesOutEarlyAudio && track === "a" ? 2 : 0; // the clip's audio before its first key frame
      expect(frames().length, said()).toBeGreaterThanOrEqual(sent.length - left);
      expect(frames()).toEqual(sent.slice(sent.length - frames().length));
    }
  });

  it("refuses ffmpeg, which then ends by itself", async (bench) => {
    bench.handlers.answer = async () => ({
      accepted: false,
      code: "STREAM_KEY_UNKNOWN",
      message: "no such stream key",
    });

    const source = ["-re", "-i", bench.clipFile, "-c", "copy", "-f", "flv"];
    const failed = await run("ffmpeg", [...QUIET, ...source, `${bench.ingest.publishUrl}/wrong`]).catch(
      (error: { code: number }) => error,
    );

    expect(failed).toMatchObject({ code: 1 });
    await until(async () => (await bench.ingest.stat()).length === 0, { what: "nothing is live" });
  });
}
