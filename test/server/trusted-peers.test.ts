import { describe, expect, it } from "vitest";
import { isLoopbackPeer, trustedPeers } from "../../src/server/trusted-peers.ts";

describe("the peers that are trusted", () => {
  const isTrusted = trustedPeers(["192.0.2.7", "10.1.0.0/16", "fd00::/8", "2001:db8::1"]);

  it.each(["192.0.2.7", "::ffff:192.0.2.7", "10.1.255.255", "fd12::1", "2001:db8::1", "127.0.0.1", "::1"])(
    "%s is",
    (address) => {
      expect(isTrusted(address)).toBe(true);
    },
  );

  it.each(["192.0.2.8", "::ffff:192.0.2.8", "10.2.0.0", "fe80::1", "2001:db8::2", "", "localhost", undefined])(
    "%s is not",
    (address) => {
      expect(isTrusted(address)).toBe(false);
    },
  );

  it.each([
    ["127.0.0.1", true],
    ["127.255.0.1", true],
    ["::ffff:127.0.0.1", true],
    ["0.0.0.0", false],
    ["::", false],
    ["::ffff:192.0.2.8", false],
  ])("%s on loopback: %s", (address, expected) => {
    expect(isLoopbackPeer(address)).toBe(expected);
  });
});
