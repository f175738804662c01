import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import type { TestPlatform } from "./platform.ts";

/** An answer of the API, as its envelope gives it. */
export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
  readonly code: string | null;
  readonly payload: unknown;
}

/** Asks a platform's HTTP API as its operator does; `body` goes out as JSON, a Buffer as it is. */
export function askApi(
  { folder, status }: Pick<TestPlatform, "folder" | "status">,
  method: string,
  path: string,
  body?: unknown,
  token = readFileSync(join(folder, ".rig", "operator-token"), "utf8").trim(),
): Promise<ApiAnswer> {
  const ca = readFileSync(status.caFile, "utf8");
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  return new Promise((resolve, reject) => {
    const asked = request(`${status.server.url}${path}`, { method, ca, headers, agent: false }, async (answer) => {
      let text = "";
      for await (const chunk of answer) text += String(chunk);
      const { code = null, payload = null } = JSON.parse(text) as { code?: string; payload?: unknown };
      resolve({ status: answer.statusCode ?? 0, text, code, payload });
    });
    asked.once("error", reject);
    asked.end(body === undefined ? undefined : Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
}
