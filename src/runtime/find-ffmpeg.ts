import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { RigError } from "../domain/errors.ts";
import { packageFile } from "./package-file.ts";

/** The ffmpeg to run, and whether it is the limited one that `make up` takes from npm where the system has none. */
export interface FoundFfmpeg {
  readonly path: string;
  /** It crashes on host names and shows little progress: for development on loopback only. */
  readonly limited: boolean;
}

/**
 * Finds ffmpeg: the path or the name on PATH that the setting ffmpegPath gives, else the one of `.tools`.
 * @throws RigError PROGRAM_MISSING
 */
export function findFfmpeg(ffmpegPath: string): FoundFfmpeg {
  const found = findProgram(ffmpegPath);
  if (found) return { path: found, limited: false };
  const fallback = packageFile(`.tools/node_modules/@ffmpeg-installer/${process.platform}-${process.arch}/ffmpeg`);
  if (ffmpegPath === "ffmpeg" && isExecutable(fallback)) return { path: fallback, limited: true };
  throw new RigError("PROGRAM_MISSING", `there is no ${ffmpegPath} to run`, {
    hint: "Install ffmpeg (on Debian: apt-get install ffmpeg), or name one by FFMPEG_PATH.",
  });
}

/** The absolute path of a program: a name is looked up on PATH, a path is resolved. Null where it cannot be run. */
export function findProgram(name: string): string | null {
  if (name.includes("/")) return isExecutable(resolve(name)) ? resolve(name) : null;
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
