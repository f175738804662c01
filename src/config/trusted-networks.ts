import { isIP } from "node:net";

/** What a network must look like, as an error says it. */
export const NETWORKS_FORM = "IP addresses and networks (10.0.0.7, 10.1.0.0/16, fd00::/8), separated by commas";

const NETWORK = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/;

/** True for an IP address, or one with the length of its network. */
export function isNetwork(text: string): boolean {
  const [, address = "", bits] = NETWORK.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits ?? 0) <= (family === 4 ? 32 : 128);
}
