import type { Duplex } from "node:stream";
import type { AmfValue } from "../../src/rtmp/amf0.ts";
import { ChunkReader } from "../../src/rtmp/chunk-reader.ts";
import { chunkMessage } from "../../src/rtmp/chunk-writer.ts";
import { commandMessage, type RtmpCommand, readCommand } from "../../src/rtmp/command.ts";
import { DEFAULT_LIMITS } from "../../src/rtmp/limits.ts";
import type { MediaMessage, RtmpMessage } from "../../src/rtmp/message.ts";

const HANDSHAKE_BYTES = 3073;

/** C0, C1 and a C2 that echoes nothing: our server looks at neither. */
export const clientHandshake = (): Buffer => Buffer.concat([Buffer.of(3), Buffer.alloc(3072, 5)]);

export const command = (name: string, transaction: number, args: AmfValue[], streamId = 0): Buffer =>
  chunkMessage(commandMessage(name, transaction, args, streamId), 128);

export const connectCommand = (app = "live"): Buffer => command("connect", 1, [{ app }]);
export const createStream = (): Buffer => command("createStream", 2, [null]);
export const publishCommand = (name = "name"): Buffer => command("publish", 3, [null, name, "live"], 1);
export const playCommand = (name = "name"): Buffer => command("play", 3, [null, name], 1);

export const mediaBytes = (message: MediaMessage): Buffer => chunkMessage({ ...message, streamId: 1 }, 128);

/** What the other side says, taken apart after the handshake. */
export function rawPeer(duplex: Duplex) {
  const reader = new ChunkReader(DEFAULT_LIMITS);
  reader.maxMessageBytes = DEFAULT_LIMITS.maxMessageBytes;
  const messages: RtmpMessage[] = [];
  let bytes = Buffer.alloc(0);
  let hasEnded = false;
  duplex.on("error", () => {});
  duplex.on("close", () => {
    hasEnded = true;
  });
  duplex.on("end", () => {
    hasEnded = true;
  });
  duplex.on("data", (some: Buffer) => {
    const before = bytes.length;
    if (before < HANDSHAKE_BYTES) bytes = Buffer.concat([bytes, some]);
    const rest = before < HANDSHAKE_BYTES ? bytes.subarray(HANDSHAKE_BYTES) : some;
    if (before + some.length > HANDSHAKE_BYTES) reader.push(rest, (message) => messages.push(message));
  });
  return {
    /** The handshake as it came, before any chunk. */
    handshake: () => bytes.subarray(0, HANDSHAKE_BYTES),
    messages,
    commands: (): RtmpCommand[] => messages.filter(({ type }) => type === 20).flatMap((one) => readCommand(one) ?? []),
    /** The codes of all onStatus and of all answers that have one. */
    codes: () =>
      messages
        .filter(({ type }) => type === 20)
        .map((one) => (readCommand(one)?.args[1] as { code?: string } | undefined)?.code)
        .filter((code) => code !== undefined),
    hasEnded: () => hasEnded,
    send: (...parts: Buffer[]) => duplex.write(Buffer.concat(parts)),
  };
}
