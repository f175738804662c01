import { type FileHandle, open } from "node:fs/promises";
import { FILE_MODE, logPath, syncFolder } from "./folder.ts";

/** One log segment, open for appending. */
export interface LogFile {
  readonly segment: number;
  readonly bytes: number;
  /** Resolves when the bytes are on disk. @throws the file system's error; the file is then not to be used any more */
  append(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Creates a new, empty segment whose name is durable. */
export async function createLogFile(folder: string, segment: number): Promise<LogFile> {
  const handle = await open(logPath(folder, segment), "wx", FILE_MODE);
  return orClosed(handle, async () => {
    await syncFolder(folder);
    return logFile(handle, segment, 0);
  });
}

/** Opens a segment to go on behind its first `bytes` bytes; what stands behind them is cut off. */
export async function reopenLogFile(folder: string, segment: number, bytes: number): Promise<LogFile> {
  const handle = await open(logPath(folder, segment), "r+");
  return orClosed(handle, async () => {
    if ((await handle.stat()).size !== bytes) {
      await handle.truncate(bytes);
      await handle.sync();
    }
    return logFile(handle, segment, bytes);
  });
}

/** Leaves no file open where its first step fails. */
async function orClosed(handle: FileHandle, begin: () => Promise<LogFile>): Promise<LogFile> {
  try {
    return await begin();
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function logFile(handle: FileHandle, segment: number, startBytes: number): LogFile {
  let bytes = startBytes;
  return {
    segment,
    get bytes() {
      return bytes;
    },
    async append(buffer) {
      for (let done = 0; done < buffer.length; ) {
        const { bytesWritten } = await handle.write(buffer, done, buffer.length - done, bytes + done);
        done += bytesWritten;
      }
      bytes += buffer.length;
      await handle.datasync();
    },
    close: () => handle.close(),
  };
}
