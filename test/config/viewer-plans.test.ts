import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";
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

  it.each([
    ["family", /^must be JSON, and is not: ./],
    ["[3]", 'must be plans by name, as in {"family":{"limit":5}}, got [3]'],
    ['{"default":{}}', 'must not have a plan "default": TOKEN_LIMIT and STREAM_EXPIRY set that one'],
    ['{"a:b":{}}', /^has a plan "a:b", whose name must be 1 to 64 letters/],
    ['{"a":3}', 'plan "a" must be an object, as in {"limit":5}, got 3'],
    ['{"ok":{},"a":{"expirySeconds":9,"limit":0}}', 'plan "a": limit must be a whole number from 1 to 1000, got 0'],
    ['{"a":{"perDevice":"2"}}', 'plan "a": perDevice must be a whole number from 1 to 1000, or null, got "2"'],
    ['{"a":{"polcy":"reject"}}', 'plan "a": "polcy" is no member of a plan; did you mean policy?'],
    [
      '{"a":{"colour":1}}',
      'plan "a": "colour" is no member of a plan; did you mean one of limit, expirySeconds, perDevice, perContent, policy?',
    ],
    ['{"a":{"policy":"ask"}}', 'plan "a": policy must be one of reject, evict-oldest, evict-named, got "ask"'],
  ])("says what ails %s", async (text, fault) => {
    const env = { TOKEN_PLANS: text };

    const loading = loadSettings({ env, cwd: tmpdir() });

    expect(SETTINGS.tokenPlans.faultOf?.(text)).toMatch(fault);
    const message = `tokenPlans ${SETTINGS.tokenPlans.faultOf?.(text)} (from environment variable TOKEN_PLANS)`;
    await expect(loading).rejects.toMatchObject({ code: "INVALID_SETTING", message });
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
