/** Writes data to stdout; resolves once it is handed on. A reader that has gone (`| head`) is no error. */
export const writeData = (text: string): Promise<void> => write(process.stdout, text);

/** Writes a word for the person to stderr, where it does not mix with data. */
export const writeWord = (text: string): Promise<void> => write(process.stderr, text);

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (!error || (error as NodeJS.ErrnoException).code === "EPIPE") resolve();
      else reject(error);
    });
  });
}

/** Keeps the `error` event of a closed pipe from becoming a stack: nobody reads, so the process ends, quietly. */
export function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(process.exitCode ?? 0);
    });
}
