import { BlockList, isIPv4, isIPv6 } from "node:net";

const LOOPBACK = blockList(["127.0.0.0/8", "::1"]);

/** True for an address of this machine's own loopback. */
export const isLoopbackPeer = (address: string | undefined): boolean => holds(LOOPBACK, address);

/** Tells whether a peer is one of these addresses and networks, or on loopback. */
export function trustedPeers(networks: readonly string[]): (address: string | undefined) => boolean {
  const trusted = blockList(networks);
  return (address) => isLoopbackPeer(address) || holds(trusted, address);
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    list.addSubnet(address, bits === undefined ? (family === "ipv6" ? 128 : 32) : Number(bits), family);
  }
  return list;
}

/** A dual-stack socket says `::ffff:` before an IPv4 address. */
function holds(list: BlockList, address = ""): boolean {
  const plain = address.replace(/^::ffff:/, "");
  return isIPv4(plain) ? list.check(plain) : isIPv6(plain) && list.check(plain, "ipv6");
}
