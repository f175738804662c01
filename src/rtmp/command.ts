import { type AmfObject, type AmfValue, decodeAmf0, encodeAmf0 } from "./amf0.ts";
import { MESSAGE, type RtmpMessage } from "./message.ts";

/** A call or an answer: `connect`, `_result`, `onStatus`, … */
export interface RtmpCommand {
  readonly name: string;
  /** 0 where no answer is wanted. */
  readonly transaction: number;
  /** What follows the transaction; the first is the command object, often null. */
  readonly args: readonly AmfValue[];
  readonly streamId: number;
}

/** Reads a command of type 20 or 17 (one byte, then AMF0 all the same); null where it is none. Never throws. */
export function readCommand(message: RtmpMessage): RtmpCommand | null {
  const body = message.type === MESSAGE.commandAmf3 ? message.payload.subarray(1) : message.payload;
  const [name, transaction = 0, ...args] = decodeAmf0(body) ?? [];
  if (typeof name !== "string" || typeof transaction !== "number") return null;
  return { name, transaction, args, streamId: message.streamId };
}

/** A command as a message. */
export const commandMessage = (
  name: string,
  transaction: number,
  args: readonly AmfValue[],
  streamId = 0,
): RtmpMessage => ({
  type: MESSAGE.command,
  timestamp: 0,
  streamId,
  payload: encodeAmf0(name, transaction, ...args),
});

/** An `onStatus` on a net stream. */
export const statusMessage = (
  streamId: number,
  level: "status" | "error",
  code: string,
  description: string,
): RtmpMessage => commandMessage("onStatus", 0, [null, { level, code, description }], streamId);

/** The argument as an object; an empty one where it is something else. */
export const objectArg = (value: AmfValue): AmfObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date) ? value : {};

/** The argument as a string; an empty one where it is something else. */
export const textArg = (value: AmfValue): string => (typeof value === "string" ? value : "");
