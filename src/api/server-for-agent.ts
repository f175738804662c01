import type { ServerForAgent } from "../services/publishes.ts";
import type { ApiClient } from "./client.ts";

/** What an agent asks of the server, over a client that has the agent's certificate. */
export const serverForAgent = (client: ApiClient): ServerForAgent => ({
  authenticate: (attempt, signal) =>
    client.call("startPublish", {
      body: {
        streamKey: attempt.streamKey,
        ingestInstance: attempt.ingestInstance,
        clientId: attempt.clientId,
        clientAddress: attempt.clientAddress,
      },
      signal,
    }),
  targets: (publishId, signal) => client.call("getTargets", { params: { publishId }, signal }),
  async end(publishId, reason, signal) {
    await client.call("endPublish", { params: { publishId }, body: { reason }, signal });
  },
  async report(reports, signal) {
    const { answers } = await client.call("reportUsage", { body: { reports }, signal });
    return [...answers];
  },
});
