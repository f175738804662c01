import { describe, expect, it } from "vitest";
import { checkDestinationKey } from "../../src/domain/destination-key.ts";
import { Secret } from "../../src/domain/secret.ts";

describe("checkDestinationKey", () => {
  it.each([
    ["one byte", "k"],
    ["900 bytes", "k".repeat(900)],
    ["450 letters of two bytes", "ß".repeat(450)],
    ["what a service's keys hold", "live_12?bandwidthtest=true&s_bl=1#x y"],
  ])("takes %s", (_, key) => {
    expect(checkDestinationKey(new Secret(key)).open()).toBe(key);
  });

  it.each([
    ["nothing", ""],
    ["901 bytes", "k".repeat(901)],
    ["451 letters of two bytes", "ß".repeat(451)],
    ["226 letters of four bytes", "🔑".repeat(226)],
    ["a newline", "secret\nrtmp_app=x"],
    ["a carriage return", "secret\r"],
    ["NUL", "secret\0"],
    ["a control character of the second set", "secret\u0085"],
  ])("refuses %s and does not show it", (_, key) => {
    const check = () => checkDestinationKey(new Secret(key));

    expect(check).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
    expect(check).not.toThrow(/secret|kkk/);
  });
});
