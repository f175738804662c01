import { connect, type Socket } from "node:net";
import { encodeAmf0 } from "../../src/rtmp/amf0.ts";
import { chunkMessage } from "../../src/rtmp/chunk-writer.ts";
import { clientHandshake, command, connectCommand, createStream } from "../rtmp/raw-peer.ts";

/** Where hostile peers come from: another address than the encoder's and the relays'. */
export const HOSTILE_ADDRESS = "127.0.0.66";

/** Gives a whole number from 0 to under n. */
interface Dice {
  below(n: number): number;
}

const bytes = (dice: Dice, length: number): Buffer => Buffer.from(Array.from({ length }, () => dice.below(256)));
const raw = (type: number, payload: Buffer) => chunkMessage({ type, timestamp: 0, streamId: 0, payload }, 128);

/** A chunk header by hand: message type and length as they claim to be, whatever follows. */
function chunkHead(type: number, length: number, streamId = 1): Buffer {
  const head = Buffer.alloc(12);
  head[0] = 6;
  head.writeUIntBE(length, 4, 3);
  head[7] = type;
  head.writeUInt32LE(streamId, 8);
  return head;
}

const setChunkSize = (size: number): Buffer => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(size >>> 0);
  return raw(1, payload);
};

/** An object in an object in an object … */
const nested = (depth: number): Buffer =>
  Buffer.concat([...Array.from({ length: depth }, () => Buffer.from([3, 0, 1, 97])), Buffer.of(5)]);

/** What each kind of hostile peer says. Nothing of it may be answered with more than a refusal or a close. */
export const HOSTILE: Readonly<Record<string, (dice: Dice) => Buffer>> = {
  "random bytes": (dice) => bytes(dice, dice.below(20_000)),
  "random bytes after a handshake": (dice) => Buffer.concat([clientHandshake(), bytes(dice, dice.below(20_000))]),
  "another protocol": () => Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
  "chunks of 2 GiB": () =>
    Buffer.concat([clientHandshake(), connectCommand(), setChunkSize(0x7fffffff), chunkHead(9, 0xffffff)]),
  "chunks of no byte": () => Buffer.concat([clientHandshake(), setChunkSize(0), connectCommand()]),
  "a message of 16 MiB": (dice) =>
    Buffer.concat([clientHandshake(), setChunkSize(0xffffff), chunkHead(20, 0xffffff), bytes(dice, 200_000)]),
  "many messages that never end": () =>
    Buffer.concat([
      clientHandshake(),
      ...Array.from({ length: 200 }, (_, index) =>
        Buffer.concat([Buffer.of(0, index), chunkHead(9, 0xfffff).subarray(1), Buffer.alloc(128)]),
      ),
    ]),
  "a connect that is cut": () => Buffer.concat([clientHandshake(), raw(20, encodeAmf0("connect", 1).subarray(0, 9))]),
  "a connect of random AMF": (dice) =>
    Buffer.concat([clientHandshake(), raw(20, Buffer.concat([encodeAmf0("connect", 1), bytes(dice, 300)]))]),
  "a connect nested 5,000 deep": () =>
    Buffer.concat([clientHandshake(), raw(20, Buffer.concat([encodeAmf0("connect", 1), nested(5_000)]))]),
  "a connect in AMF3": (dice) =>
    Buffer.concat([
      clientHandshake(),
      raw(17, Buffer.concat([Buffer.of(0), encodeAmf0("connect", 1), Buffer.of(17, 10, 11), bytes(dice, 50)])),
    ]),
  "a connect to __proto__": () => Buffer.concat([clientHandshake(), command("connect", 1, [{ app: "__proto__" }])]),
  "commands without end": () =>
    Buffer.concat([clientHandshake(), connectCommand(), ...Array.from({ length: 2_000 }, () => createStream())]),
};

/** A peer that has said something, and that may be gone. */
export interface HostilePeer {
  readonly socket: Socket;
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>;
}

/** Connects and says it; resolves once connected, or refused. Whoever is left open is for the test to close. */
export async function sayHostile(port: number, said: Buffer): Promise<HostilePeer> {
  const socket = connect({ port, host: "127.0.0.1", localAddress: HOSTILE_ADDRESS });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => {}).resume();
  await Promise.race([new Promise<void>((resolve) => socket.once("connect", () => resolve())), closed]);
  socket.write(said);
  return { socket, closed };
}
