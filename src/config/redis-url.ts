import { Secret } from "../domain/secret.ts";

/** A Redis or Valkey, as one server or as a cluster. */
export interface RedisPlace {
  /** One server, or the members of a cluster that are asked first. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly isCluster: boolean;
  readonly isTls: boolean;
  readonly user: string | null;
  readonly password: Secret | null;
  /** 0 in a cluster. */
  readonly database: number;
}

/** What REDIS_URL must look like, as an error says it. */
export const REDIS_URL_FORM =
  "redis://[user:password@]host[:port][/database] or rediss://… for TLS; of a cluster several, separated by commas, or one with ?cluster=true";

const DEFAULT_PORT = 6379;
const SCHEMES = ["redis:", "rediss:"];

/** The place that a text names; null where it does not have the form. */
export function parseRedisUrl(text: string): RedisPlace | null {
  const items = text.split(",").map((item) => item.trim());
  if (!items.every((item) => !/\s/.test(item) && URL.canParse(item))) return null;
  const urls = items.map((item) => new URL(item));
  const [first, ...others] = urls as [URL, ...URL[]];
  const { protocol, username, password } = first;
  const isOne = others.every(
    (url) => url.protocol === protocol && url.username === username && url.password === password,
  );
  const isCluster = others.length > 0 || first.searchParams.get("cluster") === "true";
  const database = databaseOf(first);
  if (!isOne || !urls.every(isAllowed) || database === null || (isCluster && database !== 0)) return null;
  return {
    nodes: urls.map(({ hostname, port }) => ({
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: port === "" ? DEFAULT_PORT : Number(port),
    })),
    ...{ isCluster, database, isTls: protocol === "rediss:" },
    user: username === "" ? null : decode(username),
    password: password === "" ? null : new Secret(decode(password)),
  };
}

/** The URL of a place, without its password; what `parseRedisUrl` reads back. */
export function redisUrlOf({ nodes, isCluster, isTls, user, database }: Omit<RedisPlace, "password">): string {
  const login = user === null ? "" : `${encodeURIComponent(user)}@`;
  const path = database === 0 ? "" : `/${database}`;
  const rest = isCluster && nodes.length === 1 ? "?cluster=true" : "";
  return nodes
    .map(nodeAddress)
    .map((host) => `${isTls ? "rediss" : "redis"}://${login}${host}${path}${rest}`)
    .join(",");
}

/** `host:port`, an IPv6 address in brackets. */
export const nodeAddress = ({ host, port }: RedisPlace["nodes"][number]): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;

function isAllowed({ protocol, hostname, search, hash, pathname }: URL): boolean {
  const isPlain = hash === "" && ["", "?cluster=true"].includes(search) && /^(\/\d{0,5})?$/.test(pathname);
  return SCHEMES.includes(protocol) && hostname !== "" && isPlain;
}

function databaseOf({ pathname }: URL): number | null {
  const digits = pathname.slice(1);
  return /^\d{0,5}$/.test(digits) ? Number(digits) : null;
}

/** As it stands where it is no percent-encoding, as in a password with a lone `%`. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
