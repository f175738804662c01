import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import sample from "../../config.sample.ts";
import { nearestName } from "../../src/config/nearest-name.ts";
import { openSealKeys, parseSealKeys } from "../../src/config/seal-keys.ts";
import type { Setting } from "../../src/config/setting.ts";
import { type Config, SETTING_NAMES, SETTINGS } from "../../src/config/settings.ts";
import { Secret } from "../../src/domain/secret.ts";

describe("the settings table", () => {
  it("has exactly the names and defaults of config.sample.ts", () => {
    const defaults = Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].default]));
    const typed: Config = { ...sample, logLevel: "info", ingestKind: "embedded" };

    expect(sample).toEqual(defaults);
    expect(typed.serverPort).toBe(8443);
  });

  it("tells each setting's environment variable in config.sample.ts", () => {
    const text = readFileSync(new URL("../../config.sample.ts", import.meta.url), "utf8");

    expect(SETTING_NAMES.filter((name) => !text.includes(`[${SETTINGS[name].env}`))).toEqual([]);
  });

  it("gives every setting an environment variable of its own, also with _FILE", () => {
    const variables = SETTING_NAMES.flatMap((name) => [SETTINGS[name].env, `${SETTINGS[name].env}_FILE`]);

    expect(new Set(variables).size).toBe(variables.length);
  });

  it("allows its own defaults", () => {
    const refused = SETTING_NAMES.filter((name) => {
      const { default: value, read }: Setting<unknown> = SETTINGS[name];
      return value !== null && read(value) === undefined;
    });

    expect(refused).toEqual([]);
  });
});

const KEY = Buffer.alloc(32, 7).toString("base64");

describe("what a setting takes", () => {
  it.each<[keyof typeof SETTINGS, unknown, unknown]>([
    ["serverPort", "0", 0],
    ["serverPort", 65_535, 65_535],
    ["tokenLimit", "1", 1],
    ["allowPrivateDestinations", "Yes", true],
    ["allowPrivateDestinations", false, false],
    ["etcdEndpoints", "a:2379, https://b:2379", ["a:2379", "https://b:2379"]],
    ["etcdEndpoints", [], []],
    ["serverUrl", "https://rig.example:8443", "https://rig.example:8443"],
    ["ingestKind", "nginx", "nginx"],
  ])("%s takes %j", (name, raw, value) => {
    expect(SETTINGS[name].read(raw)).toEqual(value);
  });

  it.each<[keyof typeof SETTINGS, unknown]>([
    ["serverPort", "65536"],
    ["serverPort", -1],
    ["serverPort", "80a"],
    ["serverPort", 80.5],
    ["serverPort", ""],
    ["tokenLimit", 0],
    ["allowPrivateDestinations", "maybe"],
    ["allowPrivateDestinations", "constructor"],
    ["etcdEndpoints", "nowhere"],
    ["etcdEndpoints", [2379]],
    ["serverUrl", "http://rig.example"],
    ["serverUrl", "https://user:pass@rig.example"],
    ["ingestKind", "Nginx"],
    ["region", "a b"],
    ["ffmpegPath", 7],
    ["databaseUrl", "mysql://h/d"],
    ["sealKeys", "k1:short"],
  ])("%s refuses %j", (name, raw) => {
    expect(SETTINGS[name].read(raw)).toBeUndefined();
  });

  it("wraps a secret", () => {
    const value = SETTINGS.apiToken.read("hunter2");

    expect(value).toBeInstanceOf(Secret);
    expect(JSON.stringify({ value })).toBe('{"value":"[redacted]"}');
    expect(value?.open()).toBe("hunter2");
  });
});

describe("seal keys", () => {
  it("come in order, the sealing one first", () => {
    const [first, second] = openSealKeys(new Secret(`new:${KEY}, old:${KEY}`));

    expect(first.id).toBe("new");
    expect(first.key).toHaveLength(32);
    expect(second?.id).toBe("old");
  });

  it.each(["", `k:${KEY},k:${KEY}`, KEY, `k:${KEY.slice(0, -4)}`, `:${KEY}`])("refuse %j", (text) => {
    expect(parseSealKeys(text)).toBeNull();
  });
});

describe("the nearest name", () => {
  it.each([
    ["serverport", "serverPort"],
    ["sevrerPort", "serverPort"],
    ["tokenLimits", "tokenLimit"],
    ["colour", null],
  ])("of %s is %s", (name, near) => {
    expect(nearestName(name, SETTING_NAMES)).toBe(near);
  });
});
