import { fork } from "node:child_process";
import { packageFile } from "../../src/runtime/package-file.ts";
import type { Program } from "./program.ts";

/** Starts the embedded ingest in a process of its own. `url` is rtmp://host:port/app. */
export async function startLoneIngest(): Promise<Program & { readonly url: string }> {
  const child = fork(packageFile("dist/bench/lone-ingest.js"));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (word) => resolve(String(word)));
    child.once("error", reject).once("exit", () => reject(new Error("the ingest ended before it listened")));
  });
  return {
    pid: child.pid ?? 0,
    url,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
