import type { IncomingMessage } from "node:http";
import { invalidInput, RigError } from "../domain/errors.ts";
import { readBody } from "../runtime/http/read-body.ts";

const JSON_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

/**
 * Reads a JSON body; no body is an empty object, so that its missing fields are named.
 * @throws RigError CONTENT_TYPE, PAYLOAD_TOO_LARGE, INVALID_INPUT
 */
export async function readJson(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const { headers } = request;
  if (headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0) return {};
  if (!JSON_TYPE.test(headers["content-type"] ?? ""))
    throw new RigError("CONTENT_TYPE", "the content type must be application/json");
  if ((headers["content-encoding"] ?? "identity") !== "identity")
    throw new RigError("CONTENT_TYPE", "the body must not be compressed");
  return parse(await readBody(request, limitBytes));
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw invalidInput("body", "must be JSON"); // the parser's own words would show parts of the body, maybe a key
  }
}
