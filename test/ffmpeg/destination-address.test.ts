import { describe, expect, it } from "vitest";
import { parseDestination, pushUrl } from "../../src/ffmpeg/destination-address.ts";

describe("parseDestination", () => {
  it.each([
    ["rtmp://a.example/live2", "a.example", 1935, "live2", "rtmp://a.example/live2"],
    ["rtmp://a.example/live2/", "a.example", 1935, "live2", "rtmp://a.example/live2"],
    ["rtmp://h:1936/a/b", "h", 1936, "a/b", "rtmp://h:1936/a/b"],
    ["rtmp://h/a/b/c?x=1&y=/z", "h", 1935, "a/b/c?x=1&y=/z", "rtmp://h/a/b/c?x=1&y=/z"],
    ["rtmp://h:80/app", "h", 80, "app", "rtmp://h:80/app"],
    ["rtmp://h:443/app", "h", 443, "app", "rtmp://h:443/app"],
    ["rtmps://H.Example/app", "h.example", 443, "app", "rtmps://H.Example/app"],
    ["rtmps://h:80/app", "h", 80, "app", "rtmps://h:80/app"],
    ["rtmp://[::1]:1936/app", "::1", 1936, "app", "rtmp://[::1]:1936/app"],
    ["rtmp://2130706433/app", "127.0.0.1", 1935, "app", "rtmp://2130706433/app"],
    ["rtmp://0x7f.1/app", "127.0.0.1", 1935, "app", "rtmp://0x7f.1/app"],
    ["rtmp://h", "h", 1935, "", "rtmp://h/"],
    ["rtmp://h/a b%20c", "h", 1935, "a b%20c", "rtmp://h/a b%20c"],
  ])("takes %s apart", (url, host, port, app, tcUrl) => {
    expect(parseDestination(url)).toMatchObject({ host, port, app, tcUrl });
  });

  it.each([
    "http://h/app",
    "rtmp:/h/app",
    "rtmp://user:pass@h/app",
    "rtmp://h:99999/app",
    "rtmp://h o/app",
    "rtmp://h/a\nb",
    "rtmp://h/app#x",
    `rtmp://h/${"a".repeat(900)}`,
    "",
  ])("says what is wrong with %j", (url) => {
    expect(parseDestination(url)).toEqual(expect.any(String));
  });
});

describe("pushUrl", () => {
  it("holds neither app nor name, and brackets an IPv6 address", () => {
    const address = parseDestination("rtmp://h:1936/secret-app");
    if (typeof address === "string") throw new Error(address);

    expect(pushUrl(address, "2001:db8::1")).toBe("rtmp://[2001:db8::1]:1936/");
    expect(pushUrl(address, "192.0.2.1")).toBe("rtmp://192.0.2.1:1936/");
  });
});
