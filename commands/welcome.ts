import { dirname, join } from "node:path";
import type { RigStatus } from "../src/domain/rig-status.ts";

/** What `rig up` says once it serves: where everything is, how to publish, how to see it. */
export function welcome(
  { server, streamService, ingest, etcd, database, caFile }: RigStatus,
  dataFolder: string,
): string {
  const token = join(dirname(dirname(caFile)), "operator-token");
  return `rig is up, its data in ${dataFolder}

  publish to      ${ingest.url}   (the stream key is the stream name)
  server          ${server.url}
  stream service  ${streamService.url}
  etcd            ${etcd.endpoints.join(", ")}
  database        ${database.url}

A first stream:
  npx rig users add alice --email alice@example.com
  npx rig streams add --user alice --title "My show"
  npx rig destinations add STREAM_ID --url rtmp://HOST/APP --key-file FILE
  ffmpeg -re -i FILE -c copy -f flv ${ingest.url}/STREAM_KEY

See it:  npx rig streams top    Prove it:  npx rig demo    Stop it:  npx rig down
API:     curl --cacert ${quoted(caFile)} -H "Authorization: Bearer $(cat ${quoted(token)})" ${server.url}/v1/users
`;
}

/** A path as a shell takes it whole. */
const quoted = (path: string): string => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
