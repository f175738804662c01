import { vi } from "vitest";

/** What this process prints, kept from the terminal until the mocks are restored. */
export interface Printed {
  stdout: string;
  stderr: string;
}

/** Keeps what is printed from now on. Undone by `vi.restoreAllMocks()`. */
export function keepPrinted(): Printed {
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    vi.spyOn(process[stream], "write").mockImplementation((chunk, done) => {
      printed[stream] += String(chunk);
      (done as unknown as () => void)();
      return true;
    });
  return printed;
}
