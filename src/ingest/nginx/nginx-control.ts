import { request } from "node:http";
import { RigError } from "../../domain/errors.ts";
import { type NginxStat, parseNginxStat } from "./nginx-stat.ts";

/** Whom to disconnect: nginx takes a missing name for "all of the application", so none of these is ever empty. */
export interface NginxClient {
  readonly app: string;
  readonly localName: string;
  readonly clientId: string;
}

/** nginx-rtmp's statistics and control, over its Unix socket. */
export interface NginxControl {
  /** @throws RigError INGEST_UNREACHABLE */
  stat(): Promise<NginxStat>;
  /** False where no such publisher is there. @throws RigError INGEST_UNREACHABLE */
  dropPublisher(client: NginxClient): Promise<boolean>;
  /** False where no such player is there. @throws RigError INGEST_UNREACHABLE */
  dropPlayer(client: NginxClient): Promise<boolean>;
}

const ANSWER_MS = 1000; // it answers in 1-6 ms
const MAX_ANSWER_BYTES = 16 * 1024 * 1024; // some 500 bytes a client

const unreachable = (message: string, cause?: unknown) =>
  new RigError("INGEST_UNREACHABLE", `nginx does not answer: ${message}`, { cause });

/** @param socketPath see nginx-conf.ts */
export function nginxControl(socketPath: string): NginxControl {
  const drop = async (kind: "publisher" | "subscriber", { app, localName, clientId }: NginxClient) => {
    if (app === "" || localName === "" || !/^\d+$/.test(clientId)) return false;
    const query = new URLSearchParams({ app, name: localName, clientid: clientId }).toString();
    return Number(await get(socketPath, `/control/drop/${kind}?${query}`)) > 0;
  };
  return {
    async stat() {
      const xml = await get(socketPath, "/stat");
      try {
        return parseNginxStat(xml);
      } catch (error) {
        throw unreachable("its /stat cannot be read", error);
      }
    },
    dropPublisher: (client) => drop("publisher", client),
    dropPlayer: (client) => drop("subscriber", client),
  };
}

const get = (socketPath: string, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const call = request({ socketPath, path, signal: AbortSignal.timeout(ANSWER_MS), agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
        if (body.length > MAX_ANSWER_BYTES) call.destroy(new Error("too long an answer"));
      });
      response.on("error", (error) => reject(unreachable(error.message, error)));
      response.on("end", () => {
        if (response.statusCode === 200) resolve(body);
        else reject(unreachable(`status ${response.statusCode}`));
      });
    });
    call.on("error", (error) => reject(unreachable(error.message, error)));
    call.end();
  });
