import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";
import type { TestPlatform } from "./platform.ts";

/** An answer of the API, as its envelope gives it. */
export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
  readonly code: string | null;
  readonly payload: unknown;
}

/** Where an API is, and whom it trusts. */
type ApiPlace = Pick<TestPlatform, "folder" | "status">;

const kept = new Agent({ keepAlive: true }); // polls come again and again; its idle sockets keep no process alive

/** Asks a platform's HTTP API as its operator does; `body` goes out as JSON, a Buffer as it is. */
export async function askApi(
  place: ApiPlace,
  method: string,
  path: string,
  body?: unknown,
  token = readFileSync(join(place.folder, ".rig", "operator-token"), "utf8").trim(),
): Promise<ApiAnswer> {
  const ca = readFileSync(place.status.caFile, "utf8");
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const ask = (agent: Agent | false): Promise<ApiAnswer> =>
    new Promise((resolve, reject) => {
      const asked = request(`${place.status.server.url}${path}`, { method, ca, headers, agent }, async (answer) => {
        let text = "";
        for await (const chunk of answer) text += String(chunk);
        const { code = null, payload = null } = JSON.parse(text) as { code?: string; payload?: unknown };
        resolve({ status: answer.statusCode ?? 0, text, code, payload });
      });
      asked.once("error", reject);
      asked.end(body === undefined ? undefined : Buffer.isBuffer(body) ? body : JSON.stringify(body));
    });
  if (method !== "GET") return ask(false);
  return ask(kept).catch(() => ask(false)); // a kept connection may have ended just now
}

/** What the API hands out. @throws Error with its text where it refuses */
export async function apiPayload<T>(place: ApiPlace, method: string, path: string, body?: unknown): Promise<T> {
  const { status, text, payload } = await askApi(place, method, path, body);
  if (status >= 300) throw new Error(`${method} ${path} was answered ${status}: ${text}`);
  return payload as T;
}
