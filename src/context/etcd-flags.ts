import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import { RigError } from "../domain/errors.ts";
import type { ServerTls } from "../embedded/etcd/grpc-server.ts";

/** What `rig etcd` was told on its command line. */
export interface EtcdFlags {
  /** `HOST:PORT`; an IPv6 address in brackets, port 0 for a free one. */
  readonly listen: string;
  /** Paths of PEM files. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: string | undefined;
}

/** Where the store listens, and with which certificates. */
export interface EtcdListen {
  readonly host: string;
  readonly port: number;
  readonly tls: ServerTls | null;
}

/**
 * Reads and checks the flags. The store knows no users: off loopback it asks for all three files, so that only holders of
 * a certificate come in.
 * @throws RigError INVALID_SETTING that names the flag
 */
export async function readEtcdFlags({ listen, cert, key, ca }: EtcdFlags, now: number): Promise<EtcdListen> {
  const { host, port } = readAddress(listen);
  if (cert === undefined && key === undefined && ca === undefined) {
    if (!isLoopback(host)) throw openToAll(host);
    return { host, port, tls: null };
  }
  if (cert === undefined || key === undefined)
    throw bad(`--${cert === undefined ? "cert" : "key"} is missing: TLS needs --cert and --key`);
  if (ca === undefined && !isLoopback(host)) throw openToAll(host);
  const tls = {
    cert: await pem("--cert", cert),
    key: await pem("--key", key),
    ...(ca && { ca: await pem("--ca", ca) }),
  };
  check(tls, { cert, key }, now);
  return { host, port, tls };
}

function readAddress(listen: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:]+)):(\d{1,5})$/.exec(listen) ?? [];
  const host = bracketed ?? plain ?? "";
  const port = Number(digits);
  const isHost = bracketed === undefined ? host === "localhost" || isIP(host) === 4 : isIP(host) === 6;
  if (!isHost || !(port <= 65_535))
    throw bad(
      `--listen must be HOST:PORT, got ${JSON.stringify(listen)}`,
      "HOST is an IP address of this machine or localhost, IPv6 in brackets: 127.0.0.1:2379, [::1]:2379, 0.0.0.0:2379.",
    );
  return { host, port };
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.");

const openToAll = (host: string): RigError =>
  bad(
    `--listen ${host} is not loopback: there the store serves only with --cert, --key and --ca`,
    "It has no users and passwords; a certificate of the CA in --ca is what lets a client in. See `rig certs issue`.",
  );

async function pem(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw bad(`${flag} cannot be read from ${path}: ${(cause as NodeJS.ErrnoException).code}`, undefined, cause);
  }
}

/** Tries what the listener will do, so that a wrong file is named before it listens. */
function check(tls: ServerTls, { cert, key }: { cert: string; key: string }, now: number): void {
  const words = `--cert ${cert} and --key ${key}`;
  try {
    createSecureContext(tls);
  } catch (cause) {
    throw bad(`${words} cannot be used: ${(cause as Error).message}`, undefined, cause);
  }
  const { validTo } = new X509Certificate(tls.cert);
  if (now >= Date.parse(validTo)) throw bad(`--cert ${cert} expired at ${new Date(validTo).toISOString()}`);
}

const bad = (message: string, hint = "See `rig etcd --help`.", cause?: unknown): RigError =>
  new RigError("INVALID_SETTING", message, { hint, cause });
