import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkDestinationUrl } from "../../src/domain/destination-url.ts";
import { isRigError } from "../../src/domain/errors.ts";

describe("checkDestinationUrl", () => {
  it.each([
    ["rtmp://example.org/live", "rtmp://example.org/live"],
    ["RTMPS://Example.ORG:443/Live2", "rtmps://example.org:443/Live2"],
    ["rtmp://127.0.0.1:1936/app/instance/", "rtmp://127.0.0.1:1936/app/instance"],
    ["rtmp://[2001:db8::1]:1935/live", "rtmp://[2001:db8::1]:1935/live"],
    ["rtmp://localhost:65535/a", "rtmp://localhost:65535/a"],
  ])("takes %s", (url, expected) => {
    expect(checkDestinationUrl(url)).toBe(expected);
  });

  it.each([
    ["another scheme", "http://example.org/live"],
    ["a file", "file:///etc/passwd"],
    ["no scheme", "example.org/live"],
    ["no app", "rtmp://example.org"],
    ["an empty app", "rtmp://example.org/"],
    ["no host", "rtmp:///live"],
    ["a user name", "rtmp://me@example.org/live"],
    ["a password", "rtmp://me:secret@example.org/live"],
    ["a query", "rtmp://example.org/live?x=1"],
    ["a fragment", "rtmp://example.org/live#x"],
    ["port 0", "rtmp://example.org:0/live"],
    ["port 65536", "rtmp://example.org:65536/live"],
    ["a port that is no number", "rtmp://example.org:http/live"],
    ["a space", "rtmp://example.org/li ve"],
    ["a newline", "rtmp://example.org/live\nrtmp_app=x"],
    ["a backslash", "rtmp://example.org\\@evil.org/live"],
    ["a pipe, ffmpeg's separator", "rtmp://example.org/live|rtmp://evil.org/x"],
    ["letters beyond ASCII", "rtmp://exämple.org/live"],
    ["a percent sign in the host", "rtmp://%31%32%37.0.0.1/live"],
    ["more than 500 characters", `rtmp://example.org/${"x".repeat(500)}`],
    ["nothing", ""],
  ])("refuses %s", (_, url) => {
    expect(() => checkDestinationUrl(url)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", faults: [expect.objectContaining({ field: "url" })] }),
    );
  });

  it("never shows a URL that it refuses, throws nothing else, and leaves alone what it made", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((end) => `https://host:1/${end}`), // fc.webUrl() takes 5 s to make a hundred
          fc.string().map((end) => `rtmp://host/${end}`),
        ),
        (url) => {
          try {
            const checked = checkDestinationUrl(url);
            expect(checkDestinationUrl(checked)).toBe(checked);
          } catch (error) {
            expect(isRigError(error, "INVALID_INPUT")).toBe(true);
            if (url.length > 12) expect((error as Error).message).not.toContain(url);
          }
        },
      ),
    );
  });
});
