import { type ChildProcess, execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a clip holds. */
export type ClipTracks = "both" | "audio" | "video";

const VIDEO = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25"];
const AUDIO = ["-f", "lavfi", "-i", "sine=f=440"];
const ENCODE_VIDEO = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-b:v", "800k"];

/** Makes an FLV of some 800 kbit/s with a key frame every second; answers its path. Needs ffmpeg with x264. */
export async function makeClip(folder: string, tracks: ClipTracks = "both", seconds = 10): Promise<string> {
  const path = join(folder, `clip-${tracks}.flv`);
  const inputs = [...(tracks === "audio" ? [] : VIDEO), ...(tracks === "video" ? [] : AUDIO)];
  const codecs = [...(tracks === "audio" ? [] : ENCODE_VIDEO), ...(tracks === "video" ? [] : ["-c:a", "aac"])];
  await run("ffmpeg", ["-v", "error", "-y", ...inputs, "-t", String(seconds), ...codecs, path]);
  return path;
}

/** An encoder that publishes a clip in real time, looped, until stopped. */
export interface ClipPublisher {
  readonly child: ChildProcess;
  /** Resolves when it has ended, by itself or not; with its exit code. */
  readonly ended: Promise<number | null>;
  stop(): Promise<void>;
}

/** Publishes by ffmpeg. `loop: false` ends with the clip. */
export function publishClip(path: string, url: string, { loop = true } = {}): ClipPublisher {
  const args = [
    "-v",
    "error",
    "-re",
    ...(loop ? ["-stream_loop", "-1"] : []),
    "-i",
    path,
    "-c",
    "copy",
    "-f",
    "flv",
    url,
  ];
  const child = spawn("ffmpeg", args, { stdio: "ignore" });
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
    child.once("error", () => resolve(null));
  });
  return {
    child,
    ended,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
