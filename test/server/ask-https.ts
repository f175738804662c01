import { request as httpsRequest } from "node:https";
import { OPERATOR_TOKEN } from "./running-server.ts";

interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Without the operator's token. */
  readonly anonymous?: boolean;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  /** Null where the answer is not JSON. */
  readonly json: unknown;
}

/** One request on a connection of its own, as an operator sends it, answered whole. */
export function askHttps(
  { url, ca }: { url: string; ca: string },
  { method = "GET", headers = {}, body, anonymous = false }: Ask = {},
): Promise<Answer> {
  const bearer = anonymous ? {} : { authorization: `Bearer ${OPERATOR_TOKEN.open()}` };
  return new Promise((resolve, reject) => {
    const asked = httpsRequest(
      url,
      { method, ca, headers: { ...bearer, ...headers }, agent: false },
      async (answer) => {
        let text = "";
        for await (const chunk of answer) text += String(chunk);
        const isJson = String(answer.headers["content-type"]).startsWith("application/json");
        const json: unknown = isJson && text !== "" ? JSON.parse(text) : null;
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json });
      },
    );
    asked.once("error", reject);
    asked.end(body);
  });
}
