import { readFile } from "node:fs/promises";
import { invalidInput, RigError } from "../../domain/errors.ts";
import { Secret } from "../../domain/secret.ts";

const MAX_BYTES = 64 * 1024; // more is no key but the wrong file

/**
 * Reads a secret from a file, or from stdin for `-`; one trailing newline is cut, all else stays.
 * @param flag how the file was named, for errors: `--key-file`
 * @throws RigError INVALID_INPUT for a file that is empty, too long or not to be read
 */
export async function readSecretInput(source: string, flag: string): Promise<Secret> {
  const bytes = source === "-" ? await readStdin(flag) : await readSecretFile(source, flag);
  const text = bytes.toString("utf8").replace(/\r?\n$/, "");
  if (text === "") throw invalidInput(flag, `${source === "-" ? "got nothing on stdin" : `${source} is empty`}`);
  return new Secret(text);
}

async function readSecretFile(path: string, flag: string): Promise<Buffer> {
  try {
    return checkSize(await readFile(path), flag);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof RigError) throw error;
    throw new RigError("INVALID_INPUT", `${flag} ${path} cannot be read (${code})`, {
      cause: error,
      hint: "Name a file, or - for stdin.",
    });
  }
}

async function readStdin(flag: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_BYTES) break;
  }
  return checkSize(Buffer.concat(chunks), flag);
}

function checkSize(bytes: Buffer, flag: string): Buffer {
  if (bytes.length > MAX_BYTES) throw invalidInput(flag, `must be at most ${MAX_BYTES} bytes`);
  return bytes;
}
