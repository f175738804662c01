import { invalidInput } from "./errors.ts";

const MAX_LENGTH = 500;
const SHAPE = /^(rtmps?):\/\/([^/]+)\/(.+)$/i;
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?)$/i; // a bracketed IPv6 address, or a name or IPv4 address
const UNSAFE = /[^\x21-\x7e]|["'<>\\^`{|}]/; // spaces, control characters, anything beyond ASCII, and what no URL holds bare

/**
 * Checks the shape of a destination's URL: rtmp or rtmps, a host, an app, and nothing else. Where the host leads is
 * checked when it is resolved, at each connect.
 * @returns the URL with its scheme and host in lower case and without slashes at its end
 * @throws RigError INVALID_INPUT, which never shows the URL: somebody may have put a destination key into it
 */
export function checkDestinationUrl(url: string): string {
  if (url.length > MAX_LENGTH) throw invalidInput("url", `must be at most ${MAX_LENGTH} characters, got ${url.length}`);
  if (UNSAFE.test(url)) throw invalidInput("url", "must be of plain ASCII characters, without spaces or quotes");
  if (/[?#]/.test(url))
    throw invalidInput("url", "must have no query and no fragment; the destination key is given apart");
  const [, scheme = "", authority = "", app = ""] = SHAPE.exec(url.replace(/\/+$/, "")) ?? [];
  if (scheme === "") throw invalidInput("url", "must look like rtmp://host/app or rtmps://host:port/app");
  if (authority.includes("@")) throw invalidInput("url", "must have no user name and no password");
  const [, host = "", port] = /^(.*?)(?::(\d{1,5}))?$/.exec(authority) ?? [];
  if (!HOST.test(host)) throw invalidInput("url", "must have a host name or an address, and after a colon its port");
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
    throw invalidInput("url", `must have a port of 1-65535, got ${port}`);
  return `${scheme.toLowerCase()}://${authority.toLowerCase()}/${app}`;
}
