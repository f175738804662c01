import { XMLParser } from "fast-xml-parser";

/** One publisher in `/stat`. */
export interface NginxPublisher {
  readonly app: string;
  readonly localName: string;
  readonly clientId: string;
  readonly bytesIn: number;
  readonly videoCodec: string | null;
  readonly audioCodec: string | null;
  readonly players: readonly { readonly clientId: string; readonly lostFrames: number }[];
}

/** What nginx-rtmp says of itself. */
export interface NginxStat {
  /** Of nginx's child: it changes when that died, which no callback tells. */
  readonly childPid: string;
  readonly publishers: readonly NginxPublisher[];
  /** All names that somebody publishes, plays or waits for. */
  readonly names: ReadonlySet<string>;
}

type Node = { readonly [name: string]: unknown };

// Values stay texts: the stream name "012" is no number, and counters pass 2^31.
const parser = new XMLParser({ parseTagValue: false, ignoreAttributes: true, isArray: (name) => LISTS.has(name) });
const LISTS: ReadonlySet<string> = new Set(["server", "application", "stream", "client"]);

const nodes = (parent: unknown, name: string): Node[] => {
  const value = (parent as Node | undefined)?.[name];
  return Array.isArray(value) ? value.filter((each): each is Node => typeof each === "object" && each !== null) : [];
};

const textOf = (parent: unknown, name: string): string | null => {
  const value = (parent as Node | undefined)?.[name];
  return typeof value === "string" && value !== "" ? value : null;
};

/** Elements that are only there or not, such as `<publishing/>`. */
const hasFlag = (node: Node, name: string): boolean => Object.hasOwn(node, name);

/**
 * Reads nginx-rtmp's `/stat`. Rates in it are 0 for the first 10 s and therefore ignored.
 * @throws Error where it is not such a document
 */
export function parseNginxStat(xml: string): NginxStat {
  const { rtmp } = parser.parse(xml) as { rtmp?: Node };
  const childPid = textOf(rtmp, "pid");
  if (childPid === null) throw new Error("not the statistics of nginx-rtmp");
  const names = new Set<string>();
  const publishers: NginxPublisher[] = [];
  for (const application of nodes(rtmp, "server").flatMap((server) => nodes(server, "application"))) {
    for (const stream of nodes(application.live, "stream")) {
      const localName = textOf(stream, "name");
      if (localName === null) continue;
      names.add(localName);
      const publisher = toPublisher(textOf(application, "name") ?? "", localName, stream);
      if (publisher) publishers.push(publisher);
    }
  }
  return { childPid, publishers, names };
}

function toPublisher(app: string, localName: string, stream: Node): NginxPublisher | null {
  const clients = nodes(stream, "client");
  const clientId = textOf(
    clients.find((client) => hasFlag(client, "publishing")),
    "id",
  );
  if (clientId === null) return null;
  const meta = stream.meta as Node | undefined;
  return {
    app,
    localName,
    clientId,
    bytesIn: Number(textOf(stream, "bytes_in") ?? 0),
    videoCodec: textOf(meta?.video, "codec"),
    audioCodec: textOf(meta?.audio, "codec"),
    players: clients
      .filter((client) => !hasFlag(client, "publishing"))
      .map((client) => ({ clientId: textOf(client, "id") ?? "", lostFrames: Number(textOf(client, "dropped") ?? 0) })),
  };
}
