import { Agent, type IncomingHttpHeaders, request } from "node:http";

/** What the stream service answered, byte for byte. */
export interface OldAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * A viewer app as it was written against the first version of the stream service: plain HTTP, nothing but Node. It must
 * never have to be changed.
 */
export function oldViewer(url: string) {
  const agent = new Agent({ keepAlive: true });
  const get = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<OldAnswer> =>
    new Promise((resolve, reject) => {
      const asked = request(`${url}${path}`, { agent, method, headers }, async (answer) => {
        let body = "";
        for await (const chunk of answer.setEncoding("utf8")) body += chunk;
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
      });
      asked.once("error", reject);
      asked.end();
    });
  const streams = (session: string, token?: string) =>
    get("/streams", { "X-Stream-Session": session, ...(token === undefined ? {} : { "X-Stream-Token": token }) });
  return {
    ...{ get, streams },
    /** The token that is granted; throws the answer where none is. */
    async play(session: string): Promise<string> {
      const { status, body } = await streams(session);
      if (status !== 200) throw new Error(body);
      return (JSON.parse(body) as { token: string }).token;
    },
    close: () => agent.destroy(),
  };
}
