import { type ChildProcess, spawn } from "node:child_process";

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
