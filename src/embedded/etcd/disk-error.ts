import { RigError } from "../../domain/errors.ts";

/** The words for a disk that refused; the store has stopped for it. */
export const diskFailure = (folder: string, cause: unknown): RigError =>
  new RigError("DATA_FOLDER", `the embedded store in ${folder} has stopped: its log cannot be written`, {
    cause,
    hint: `make room or repair the disk (${cause instanceof Error ? cause.message : cause}), then start again`,
  });

/** True for what the file system answered, be it the disk or the folder's rights. */
export const isDiskError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && "syscall" in error && "code" in error;

/** The words for a folder in which no store can be opened now. */
export const cannotOpen = (folder: string, cause: NodeJS.ErrnoException): RigError =>
  new RigError("DATA_FOLDER", `the embedded store in ${folder} cannot be opened: ${cause.message}`, {
    cause,
    hint:
      cause.code === "ENOSPC" || cause.code === "EDQUOT"
        ? "make room on its disk, then start again"
        : "see that the folder is this user's own and its disk is sound, then start again",
  });
