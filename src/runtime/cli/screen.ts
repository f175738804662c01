/** The terminal that a screen is drawn on, and how it learns that the process ends. */
export interface ScreenTerminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Calls back, once, when the process ends; returns how to call that off. */
  atExit(run: () => void): () => void;
}

/** Makes the process ready for a screen. Call it where `isInteractive()`, and before ink is imported. */
export function prepareScreen(): ScreenTerminal {
  process.env.NODE_ENV = "production"; // react's development build takes several times the CPU
  for (const name of ["CI", "CONTINUOUS_INTEGRATION"]) delete process.env[name]; // ink would draw nothing but the last frame
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    atExit(run) {
      process.once("exit", run);
      return () => process.off("exit", run);
    },
  };
}
