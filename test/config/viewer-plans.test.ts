import { describe, expect, it } from "vitest";
import { SETTINGS } from "../../src/config/settings.ts";

const read = (raw: unknown) => SETTINGS.tokenPlans.read(raw);

describe("TOKEN_PLANS", () => {
  it.each([
    ["{}", {}],
    ['{"family":{}}', { family: {} }],
    [
      '{"a":{"limit":1000,"expirySeconds":86400,"perDevice":null,"perContent":1,"policy":"evict-named"}}',
      { a: { limit: 1_000, expirySeconds: 86_400, perDevice: null, perContent: 1, policy: "evict-named" } },
    ],
  ])("takes %s, and the same as an object", (text, plans) => {
    expect(read(text)).toEqual(plans);
    expect(read(plans)).toEqual(plans);
  });

  it.each([
    ["no JSON", "family"],
    ["a list", "[]"],
    ["null", "null"],
    ["the default plan", '{"default":{}}'],
    ["a name with a colon", '{"a:b":{}}'],
    ["a plan that is a number", '{"a":3}'],
    ["a limit of 0", '{"a":{"limit":0}}'],
    ["a limit of 1001", '{"a":{"limit":1001}}'],
    ["half a token", '{"a":{"limit":1.5}}'],
    ["a life of more than a day", '{"a":{"expirySeconds":86401}}'],
    ["a limit of null", '{"a":{"limit":null}}'],
    ["an unknown policy", '{"a":{"policy":"ask"}}'],
    ["an unknown field", '{"a":{"limits":3}}'],
    ["what every object has", '{"a":{"constructor":1}}'],
  ])("refuses %s", (_what, text) => {
    expect(read(text)).toBeUndefined();
  });
});

describe("STREAM_SERVICE_PROXIES", () => {
  it.each(["10.0.0.7", "10.1.0.0/16, fd00::/8", "::1", "0.0.0.0/0"])("takes %s", (text) => {
    expect(SETTINGS.streamServiceProxies.read(text)).toEqual(text.split(", "));
  });

  it.each(["10.0.0.0/33", "fd00::/129", "proxy.example", "10.0.0", "10.0.0.1/", "1.2.3.4/a"])("refuses %s", (text) => {
    expect(SETTINGS.streamServiceProxies.read(text)).toBeUndefined();
  });
});
