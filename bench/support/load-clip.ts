import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Program, startProgram } from "./program.ts";

/** The bit rate of the streams that benchmarks of load carry: what most encoders send for 1080p. */
export const LOAD_MBPS = 4;

const SECONDS = 10;

/** A clip of 10 s at 30 frames and 4 Mbit/s, sound included, a key frame every 2 s. */
export async function makeLoadClip(): Promise<{ readonly file: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "rig-bench-clip-"));
  const file = join(folder, "clip.flv");
  const rate = `${LOAD_MBPS * 1000 - 128}k`;
  const picture = ["-f", "lavfi", "-i", `testsrc2=size=640x360:rate=30,noise=alls=20:allf=t`]; // noise fills the rate
  const sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"];
  const video = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-pix_fmt", "yuv420p"];
  const steady = ["-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", "1M", "-nal-hrd", "cbr"];
  const all = [...picture, ...sound, "-t", `${SECONDS}`, ...video, ...steady, "-c:a", "aac", "-b:a", "128k", file];
  await promisify(execFile)("ffmpeg", ["-v", "error", ...all]);
  return { file, stop: () => rm(folder, { recursive: true, force: true }) };
}

/** Publishes a clip by ffmpeg in real time, in a loop. */
export const publishLoad = (file: string, url: string): Promise<Program> =>
  startProgram("ffmpeg", ["-v", "error", "-re", "-stream_loop", "-1", "-i", file, "-c", "copy", "-f", "flv", url]);
