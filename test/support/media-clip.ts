import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a test clip is made of; both tracks where nothing is said. */
export interface ClipOptions {
  readonly seconds?: number;
  readonly video?: boolean;
  readonly audio?: boolean;
  /** Pictures full of noise: 2.6 Mbit/s instead of 0.2. */
  readonly noisy?: boolean;
}

/** A folder with an FLV clip made by ffmpeg: 30 frames a second, a key frame each second, AAC. */
export async function makeClip({ seconds = 4, video = true, audio = true, noisy = false }: ClipOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), "rig-clip-"));
  const file = join(folder, "clip.flv");
  const picture = ["-f", "lavfi", "-i", `testsrc=size=320x180:rate=30${noisy ? ",noise=alls=40:allf=t" : ""}`];
  const sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"];
  const codecs = [
    ...(video ? ["-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-pix_fmt", "yuv420p"] : []),
    ...(audio ? ["-c:a", "aac", "-b:a", "64k"] : []),
  ];
  await run("ffmpeg", [
    "-v",
    "error",
    ...(video ? picture : []),
    ...(audio ? sound : []),
    "-t",
    `${seconds}`,
    ...codecs,
    file,
  ]);
  return { folder, file, bytes: await readFile(file), remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The frame list of one track, as ffmpeg's framemd5 of the packets gives it: `dts, pts, duration, size, hash`. */
export async function frameList(input: string, track: "v" | "a"): Promise<string[]> {
  const args = ["-v", "error", "-i", input, "-map", `0:${track}:0`, "-c", "copy", "-f", "framemd5", "-"];
  const { stdout } = await run("ffmpeg", args, { maxBuffer: 64 * 1024 * 1024 });
  return framesOf(stdout);
}

/** The frames in the text of a framemd5 file: size and hash of each packet, without its times. */
export const framesOf = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) =>
      line
        .split(",")
        .slice(4)
        .map((field) => field.trim())
        .join(" "),
    );
