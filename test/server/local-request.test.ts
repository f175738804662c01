import { describe, expect, it } from "vitest";
import { isLocalRequest } from "../../src/server/local-request.ts";

const request = (headers: Record<string, string> = {}, remoteAddress = "127.0.0.1", httpVersion = "1.1") => ({
  ...{ headers: { host: "127.0.0.1:3000", "user-agent": "Prometheus/2.53", ...headers }, httpVersion },
  socket: { remoteAddress },
});

describe("a request that a program of this machine sends for itself", () => {
  it.each(["127.0.0.1:3000", "localhost:3000", "LOCALHOST", "[::1]:3000", "127.1.2.3", "[::1]"])(
    "asks for %s",
    (host) => {
      expect(isLocalRequest(request({ host }))).toBe(true);
    },
  );

  it.each(["viewers.example", "viewers.example:3000", "192.0.2.7", "localhost.example", "[2001:db8::1]:3000", ""])(
    "does not ask for %j",
    (host) => {
      expect(isLocalRequest(request({ host }))).toBe(false);
    },
  );

  it.each(["::1", "::ffff:127.0.0.1"])("comes from %s", (address) => {
    expect(isLocalRequest(request({}, address))).toBe(true);
  });

  it.each(["192.0.2.7", "::ffff:192.0.2.7", "fe80::1", ""])("does not come from %j", (address) => {
    expect(isLocalRequest(request({}, address))).toBe(false);
  });

  it.each([
    ...["forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "x-client-ip"],
    ...["true-client-ip", "client-ip", "x-original-url", "cf-ray", "cdn-loop", "x-envoy-external-address"],
  ])("was not passed on, as %s says", (name) => {
    expect(isLocalRequest(request({ [name]: "" }))).toBe(false);
  });

  it("has whatever else a client says of itself", () => {
    const said = { accept: "*/*", "x-prometheus-scrape-timeout-seconds": "10", "x-request-id": "7", cookie: "a=b" };

    expect(isLocalRequest(request(said))).toBe(true);
  });

  it("speaks a newer HTTP than nginx to what is behind it", () => {
    expect(isLocalRequest(request({}, "127.0.0.1", "1.0"))).toBe(false);
  });
});
