const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Interruption = keyof typeof EXIT_CODES;
const INTERRUPTIONS = Object.keys(EXIT_CODES) as Interruption[];

/**
 * Runs what a person may end early: the first SIGINT, SIGTERM or SIGHUP aborts its signal and sets the exit code, and
 * what it throws after that is taken as its end. A second one ends the process as Node does.
 * @returns what the work gave; null where it was interrupted and threw
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
  const end = new AbortController();
  const release = () => {
    for (const name of INTERRUPTIONS) process.off(name, interrupt);
  };
  // Stays where it is after the first: other listeners (ink's) end the process where they find themselves alone.
  const interrupt = (name: NodeJS.Signals) => {
    if (end.signal.aborted) {
      release();
      process.kill(process.pid, name);
    }
    process.exitCode = EXIT_CODES[name as Interruption];
    end.abort();
  };
  for (const name of INTERRUPTIONS) process.on(name, interrupt);
  try {
    return await work(end.signal);
  } catch (error) {
    if (end.signal.aborted) return null; // whatever it is, it was told to stop
    throw error;
  } finally {
    release();
  }
}
