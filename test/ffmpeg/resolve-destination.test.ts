import { describe, expect, it } from "vitest";
import { isAllowedAddress, resolveDestination } from "../../src/ffmpeg/resolve-destination.ts";
import { fakeClock } from "../support/fake-clock.ts";

const PUBLIC = "93.184.216.34";

describe("isAllowedAddress", () => {
  it.each([PUBLIC, "2606:2800:220:1::1"])("lets relays go to %s", (address) => {
    expect(isAllowedAddress(address, false)).toBe(true);
  });

  it.each(["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "100.64.0.1", "::1", "fd00::1", "::ffff:127.0.0.1"])(
    "lets them go to %s only where private addresses are allowed",
    (address) => {
      expect(isAllowedAddress(address, false)).toBe(false);
      expect(isAllowedAddress(address, true)).toBe(true);
    },
  );

  it.each([
    "0.0.0.0",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "ff02::1",
    "64:ff9b::7f00:1",
    "x",
  ])("never lets them go to %s", (address) => {
    expect(isAllowedAddress(address, false)).toBe(false);
    expect(isAllowedAddress(address, true)).toBe(false);
  });
});

describe("resolveDestination", () => {
  const ask = (host: string, found: readonly string[], allowPrivate = false) =>
    resolveDestination(host, { allowPrivate, lookup: async () => found, clock: fakeClock() });

  it("answers all addresses in the resolver's order", async () => {
    expect(await ask("h.example", ["2606:2800:220:1::1", PUBLIC])).toEqual({
      addresses: ["2606:2800:220:1::1", PUBLIC],
    });
  });

  it("takes an address for itself", async () => {
    expect(await ask(PUBLIC, [])).toEqual({ addresses: [PUBLIC] });
  });

  it("refuses a name that has one private address among public ones", async () => {
    expect(await ask("h.example", [PUBLIC, "10.0.0.1"])).toMatchObject({ reason: "address refused" });
  });

  it("calls a name without addresses unknown, and one whose lookup fails", async () => {
    const failing = { allowPrivate: false, lookup: () => Promise.reject(new Error("ENOTFOUND")), clock: fakeClock() };

    expect(await ask("h.example", [])).toMatchObject({ reason: "unknown host" });
    expect(await resolveDestination("h.example", failing)).toMatchObject({ reason: "unknown host" });
  });

  it("gives a resolver that hangs 5 s", async () => {
    const clock = fakeClock();
    const pending = resolveDestination("h", { allowPrivate: false, lookup: () => new Promise(() => {}), clock });

    await clock.advance(5000);

    expect(await pending).toMatchObject({ reason: "unknown host" });
  });
});
