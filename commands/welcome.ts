import { dirname, join } from "node:path";
import type { MovedPort, RigStatus } from "../src/domain/rig-status.ts";
import { safeText } from "../src/domain/safe-text.ts";

/** What `rig up` says once it serves: where everything is, how to publish, how to see it. */
export function welcome(status: RigStatus, dataFolder: string): string {
  const { server, ingest, caFile } = status;
  const token = join(dirname(dirname(caFile)), "operator-token");
  return `rig is up, its data in ${dataFolder}

${addresses(status)}
A first stream:
  npx rig users add alice --email alice@example.com
  npx rig streams add --user alice --title "My show"
  npx rig destinations add STREAM_ID --url rtmp://HOST/APP --key-file FILE
  ffmpeg -re -i FILE -c copy -f flv ${ingest.url}/STREAM_KEY

See it:  npx rig streams top    Prove it:  npx rig demo    Stop it:  npx rig down
API:     curl --cacert ${quoted(caFile)} -H "Authorization: Bearer $(cat ${quoted(token)})" ${server.url}/v1/users
`;
}

/** Where viewer tokens live; empty where that is not known. */
export const viewerTokensPlace = ({ viewerTokens }: Pick<RigStatus, "viewerTokens">): string =>
  viewerTokens === undefined ? "" : `in ${viewerTokens.store === "redis" ? "Redis" : "etcd"} ${viewerTokens.url}`;

/** A line for each address; where a default port was busy, who held it. */
function addresses(status: RigStatus): string {
  const { ingest, server, streamService, worker, agent, etcd, database, movedPorts = [] } = status;
  const hasMoved = (setting: string) => movedPorts.some((port) => port.setting === setting);
  const lines = [
    ["publish to", `${ingest.url}   (the stream key is the stream name)`, "ingestPort"],
    ["server", server.url, "serverPort"],
    ["stream service", streamService.url, "streamServicePort"],
    ["viewer tokens", viewerTokensPlace(status), ""],
    ["worker", hasMoved("workerPort") ? worker.url : "", "workerPort"],
    ["agent", hasMoved("agentPort") ? agent.url : "", "agentPort"],
    ["etcd", etcd.endpoints.join(", "), "etcdPort"],
    ["database", database.url, "databasePort"],
  ] as const;
  return lines
    .filter(([, address]) => address !== "")
    .map(([what, address, setting]) => `  ${what.padEnd(14)}  ${address}${movedFrom(movedPorts, setting)}\n`)
    .join("");
}

function movedFrom(movedPorts: readonly MovedPort[], setting: string): string {
  const moved = movedPorts.find((port) => port.setting === setting);
  return moved ? `   (${moved.port} was taken by ${safeText(moved.takenBy)})` : "";
}

/** A path as a shell takes it whole. */
const quoted = (path: string): string => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
