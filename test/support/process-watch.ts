import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { systemClock } from "../../src/runtime/clock.ts";

const SAMPLE_MS = 100;

/** What other processes show of themselves to whoever may look, collected while it runs. */
export interface ProcessWatch {
  /** `argv of PID` and so on, with everything that was ever seen there. */
  readonly seen: ReadonlyMap<string, ReadonlySet<string>>;
  readonly samples: () => number;
  stop(): Promise<void>;
}

/** Samples the command line and the environment of every process of this machine, ten times a second. */
export function watchProcesses(): ProcessWatch {
  const seen = new Map<string, Set<string>>();
  const stop = new AbortController();
  let samples = 0;
  const note = (where: string, text: string) => {
    const texts = seen.get(where) ?? new Set();
    if (text !== "") seen.set(where, texts.add(text));
  };
  const sample = () => {
    for (const pid of readdirSync("/proc").map(Number).filter(Boolean)) {
      if (pid === process.pid) continue;
      note(`argv of ${pid}`, read(`/proc/${pid}/cmdline`));
      note(`environment of ${pid}`, read(`/proc/${pid}/environ`));
    }
    samples += 1;
  };
  const watching = (async () => {
    for (; !stop.signal.aborted; await systemClock.sleep(SAMPLE_MS, stop.signal)) sample();
  })();
  return {
    seen,
    samples: () => samples,
    async stop() {
      stop.abort();
      await watching;
    },
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended, or is somebody else's
  }
}

/** The files that a process holds open, nameless ones too, by descriptor. */
export function openFiles(pid: number): Record<string, string> {
  const folder = `/proc/${pid}/fd`;
  const isFile = (fd: string) => {
    try {
      return readlinkSync(`${folder}/${fd}`).startsWith("/") && statSync(`${folder}/${fd}`).isFile();
    } catch {
      return false; // closed meanwhile
    }
  };
  return Object.fromEntries(
    readdirSync(folder)
      .filter(isFile)
      .map((fd) => [fd, read(`${folder}/${fd}`)]),
  );
}
