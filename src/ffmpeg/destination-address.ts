import { presetFault } from "./preset-file.ts";

/** A destination's URL taken apart; the app is kept exactly as the user wrote it. */
export interface DestinationAddress {
  readonly scheme: "rtmp" | "rtmps";
  /** Canonical: lower case, no brackets; `2130706433` has become `127.0.0.1`. */
  readonly host: string;
  readonly port: number;
  /** Everything after host and port, deeper levels and a query included, without slashes at its ends. */
  readonly app: string;
  readonly tcUrl: string;
}

const DEFAULT_PORT = { rtmp: 1935, rtmps: 443 } as const;

/** Takes a destination's URL apart; answers what is wrong with it as a text where it cannot be pushed to. */
export function parseDestination(url: string): DestinationAddress | string {
  const match = /^(rtmps?):\/\/([^/?#\s@]+)(?:\/+([^#]*))?$/i.exec(url);
  if (!match) return "not an address of the form rtmp[s]://host[:port]/app";
  const scheme = match[1]?.toLowerCase() === "rtmps" ? "rtmps" : "rtmp";
  const authority = match[2] ?? "";
  const app = (match[3] ?? "").replace(/\/+$/, "");
  const fault = presetFault(url);
  if (fault) return `the address ${fault}`;
  try {
    // Only "special" schemes have their hosts made canonical; each hides its own default port, so two are asked.
    const plain = new URL(`http://${authority}/`);
    const port = Number(plain.port || new URL(`https://${authority}/`).port || (/:80$/.test(authority) ? 80 : 0));
    const host = plain.hostname.replace(/^\[|\]$/g, "");
    return { scheme, host, port: port || DEFAULT_PORT[scheme], app, tcUrl: `${scheme}://${authority}/${app}` };
  } catch {
    return "not a host and port"; // new URL tells no more than that
  }
}

/** The URL that may stand in a command line: no app, no key. */
export const pushUrl = ({ scheme, port }: DestinationAddress, host: string): string =>
  `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}/`;
