import { readFile } from "node:fs/promises";
import { invalidInput, RigError } from "../../domain/errors.ts";

/**
 * Reads a text from a file, or from stdin for `-`.
 * @param flag how the file was named, for errors: `--payload-file`
 * @throws RigError INVALID_INPUT for a file that is too long or not to be read
 */
export async function readTextInput(source: string, flag: string, maxBytes: number): Promise<string> {
  const bytes = source === "-" ? await readStdin(maxBytes) : await readNamed(source, flag);
  if (bytes.length > maxBytes) throw invalidInput(flag, `must be at most ${maxBytes} bytes`);
  return bytes.toString("utf8");
}

async function readNamed(path: string, flag: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RigError("INVALID_INPUT", `${flag} ${path} cannot be read (${code})`, {
      cause: error,
      hint: "Name a file, or - for stdin.",
    });
  }
}

/** As far as it is not too long already. */
async function readStdin(maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) break;
  }
  return Buffer.concat(chunks);
}
