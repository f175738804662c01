import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";

/** What reaches ffmpeg through the preset and nowhere else. */
export interface RelayPreset {
  readonly app: string;
  readonly playpath: string;
  readonly tcUrl: string;
  /** Of one read or write at the destination. */
  readonly timeoutMs: number;
  readonly sendBufferBytes: number;
  /** Certificates to trust for rtmps; null leaves the build's own default. */
  readonly caFile: string | null;
}

const MAX_VALUE_BYTES = 900; // a preset line over 999 bytes is split by ffmpeg, and its rest printed on stderr
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose
const CONTROL = /[\u0000-\u001f\u007f]/; // a newline would add options of its own

const CLOSED = -1; // what Node gives for the descriptor of a closed file

/** Why a destination key (or app, or tcUrl) must not be written into a preset; null where it may. The text is safe to show. */
export function presetFault(value: string): string | null {
  const bytes = Buffer.byteLength(value);
  if (bytes < 1 || bytes > MAX_VALUE_BYTES) return `must have 1 to ${MAX_VALUE_BYTES} bytes, has ${bytes}`;
  return CONTROL.test(value) ? "must not contain control characters" : null;
}

/**
 * The preset's text, one option a line.
 * @throws TypeError for a value that presetFault() refuses: callers check first
 */
export function presetText(preset: RelayPreset): string {
  const options: [string, string][] = [
    ["rtmp_app", preset.app],
    ["rtmp_playpath", preset.playpath],
    ["rtmp_tcurl", preset.tcUrl],
    ["rw_timeout", String(preset.timeoutMs * 1000)],
    ["send_buffer_size", String(preset.sendBufferBytes)],
    ["tls_verify", "1"],
  ];
  if (preset.caFile !== null) options.push(["ca_file", preset.caFile]);
  const set = options.filter(([, value]) => value !== ""); // ffmpeg refuses a line without a value
  for (const [name, value] of set) {
    const fault = presetFault(value);
    if (fault) throw new TypeError(`${name} ${fault}`);
  }
  return set.map(([name, value]) => `${name}=${value}\n`).join("");
}

/**
 * Puts the text into a 0600 file that has no name any more, to be handed to a child as a descriptor. The caller closes it.
 * The file is unlinked before the text is written; positioned writes leave its offset at 0.
 */
export async function openPreset(text: string, folder: string): Promise<FileHandle> {
  const path = join(folder, `rig-preset-${randomUUID()}`);
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    await unlink(path);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) {
      at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten;
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Empties the file for everybody who holds it, and closes it: once a relay sends, nobody needs it any more. Safe to repeat. */
export async function wipePreset(file: FileHandle): Promise<void> {
  if (file.fd === CLOSED) return;
  await file.truncate(0);
  await file.close();
}
