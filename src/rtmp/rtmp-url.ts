/** An RTMP address taken apart. */
export interface RtmpUrl {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  readonly app: string;
  /** The stream name, its query included. */
  readonly name: string;
}

const DEFAULT_PORT = { rtmp: 1935, rtmps: 443 } as const;

/** Reads rtmp[s]://host[:port]/app[/…]/name[?query]; null where it is none. The app is all but the last step. */
export function parseRtmpUrl(url: string): RtmpUrl | null {
  const match = /^(rtmps?):\/\/(?:\[([^\]]+)\]|([^/:?#@]+))(?::(\d{1,5}))?\/([^?]+)\/([^/?]+(?:\?.*)?)$/.exec(url);
  if (!match) return null;
  const [, scheme, host6, host4, port, app = "", name = ""] = match;
  const tls = scheme === "rtmps";
  return { tls, host: host6 ?? host4 ?? "", port: Number(port ?? DEFAULT_PORT[tls ? "rtmps" : "rtmp"]), app, name };
}
