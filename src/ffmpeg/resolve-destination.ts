import { lookup } from "node:dns/promises";
import ipaddr from "ipaddr.js";
import type { Clock } from "../domain/clock.ts";

/** All addresses of a host, in the resolver's order. Rejects where there is none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** The machine's own resolver. */
export const systemLookup: Lookup = async (host) =>
  (await lookup(host, { all: true, order: "verbatim" })).map(({ address }) => address);

export type Resolution =
  | { readonly addresses: readonly string[] }
  | { readonly reason: "unknown host" | "address refused"; readonly detail: string };

/** What `allowPrivate` adds to public unicast. Link-local stays out: cloud machines keep their credentials there. */
const PRIVATE_RANGES: readonly string[] = ["private", "loopback", "uniqueLocal", "carrierGradeNat"];
const LOOKUP_MS = 5000;

/** True for an address that relays may connect to: public unicast, and private ones where a setting allows them. */
export function isAllowedAddress(address: string, allowPrivate: boolean): boolean {
  if (!ipaddr.isValid(address)) return false;
  const range = ipaddr.process(address).range(); // process: an IPv4 address in IPv6 clothes counts as IPv4
  return range === "unicast" || (allowPrivate && PRIVATE_RANGES.includes(range));
}

/**
 * Resolves a destination's host and refuses it where ANY of its addresses is not allowed: a name that mixes public and
 * private ones is an attack or a mistake. Never rejects.
 */
export async function resolveDestination(
  host: string,
  { allowPrivate, lookup, clock }: { allowPrivate: boolean; lookup: Lookup; clock: Clock },
): Promise<Resolution> {
  const unknown = { reason: "unknown host", detail: `${host} does not resolve` } as const;
  const found = ipaddr.isValid(host) ? [host] : await withinLimit(lookup(host), clock);
  if (!found || found.length === 0) return unknown;
  const refused = found.find((address) => !isAllowedAddress(address, allowPrivate));
  if (refused === undefined) return { addresses: found };
  return { reason: "address refused", detail: `${host} is at ${refused}, which is not a public address` };
}

/** null for a lookup that failed or took too long (the resolver itself cannot be aborted). */
async function withinLimit(pending: Promise<readonly string[]>, clock: Clock): Promise<readonly string[] | null> {
  const over = new AbortController();
  const found = pending.catch(() => null);
  const result = await Promise.race([found, clock.sleep(LOOKUP_MS, over.signal).then(() => null)]);
  over.abort();
  return result;
}
