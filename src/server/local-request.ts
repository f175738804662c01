import type { IncomingMessage } from "node:http";
import { isLoopbackPeer } from "./trusted-peers.ts";

/** What proxies, caches and tunnels write into what they pass on. */
const PASSED_ON =
  /^(forwarded|via|x-forwarded(-.+)?|(x-)?(real|client|true-client|cluster-client)-ip|x-original-.+|x-envoy-.+|x-amzn-.+|cf-.+|cdn-.+)$/;

/**
 * True for a request that a program of this machine sends for itself. What a proxy here passes on comes from loopback too,
 * and from all the world: nearly every one says so in a header, keeps the name that was asked for, or speaks HTTP/1.0, as
 * nginx does unless told otherwise. One that does none of it is not known by its requests: its operator has to declare it.
 */
export function isLocalRequest({ socket, headers, httpVersion }: LocalRequest): boolean {
  if (!isLoopbackPeer(socket.remoteAddress) || httpVersion === "1.0") return false;
  return isLoopbackName(headers.host) && !Object.keys(headers).some((name) => PASSED_ON.test(name));
}

type LocalRequest = Pick<IncomingMessage, "headers" | "httpVersion"> & {
  readonly socket: Pick<IncomingMessage["socket"], "remoteAddress">;
};

/** What stands before the port; in another name's place a browser here may have been led to this address. */
function isLoopbackName(host = ""): boolean {
  const name = host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
  return name.toLowerCase() === "localhost" || isLoopbackPeer(name);
}
