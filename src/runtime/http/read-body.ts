import type { IncomingMessage } from "node:http";
import { RigError } from "../../domain/errors.ts";

/**
 * Reads a request's body whole.
 * @throws RigError PAYLOAD_TOO_LARGE past `limitBytes` (the rest is not read: close the connection), INVALID_INPUT where the client broke off
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limitBytes) throw tooLarge(limitBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limitBytes) throw tooLarge(limitBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof RigError) throw error;
    throw new RigError("INVALID_INPUT", "the body ended early", { cause: error });
  }
  return Buffer.concat(chunks);
}

const tooLarge = (limitBytes: number) =>
  new RigError("PAYLOAD_TOO_LARGE", `the body must be ${limitBytes} bytes or less`);
