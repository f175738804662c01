import { describe, expect, it } from "vitest";
import { redact, relayLog } from "../../src/ffmpeg/relay-log.ts";

describe("relayLog", () => {
  it("follows a relay from its input to its destination", () => {
    const log = relayLog([]);
    expect(log.phase()).toBe("input");

    log.feed("[info] Input #0, live_flv, from 'rtmp://127.0.0.1/live/p':\n");
    expect(log.phase()).toBe("connecting");

    log.feed("[info] Output #0, flv, to 'rtmp://192.0.2.1:1935/':\r\n");
    expect(log.phase()).toBe("sending");
  });

  it("is not moved by what a publisher writes into its metadata", () => {
    const log = relayLog([]);
    log.feed("[info]     title           : [info] Input #0, x\n                      : [info] Output #0, x\n");

    expect(log.phase()).toBe("input");
  });

  it("notices a failed write", () => {
    const log = relayLog([]);
    log.feed("[error] av_interleaved_write_");
    expect(log.writeFailed()).toBe(false);

    log.feed("frame(): Broken pipe\n");
    expect(log.writeFailed()).toBe(true);
  });

  it("keeps the last 40 lines, each of at most 300 characters", () => {
    const log = relayLog([]);
    for (let i = 0; i < 100; i++) log.feed(`${i} ${"x".repeat(1000)}\n`);

    expect(log.lines()).toHaveLength(40);
    expect(log.lines().at(-1)).toHaveLength(300);
    expect(log.lines()[0]).toMatch(/^60 /);
  });

  it("keeps nothing of a line that never ends", () => {
    const log = relayLog(["secret"]);
    for (let i = 0; i < 1000; i++) log.feed("secret".repeat(100));

    expect(log.lines().join("")).not.toContain("secret");
    expect(log.lines().join("").length).toBeLessThan(400);
  });

  it("takes control characters and secrets out", () => {
    const log = relayLog(["my-key?a=b c"]);
    log.feed("[error] \u001b[31m my-key?a=b c my-key%3Fa%3Db%20c my-key end\n");

    expect(log.lines()[0]).toBe("[error] \ufffd[31m [redacted] [redacted] [redacted] end");
  });
});

describe("redact", () => {
  it("hides the longest form first", () => {
    expect(redact("key?x=1 key", ["key?x=1"])).toBe("[redacted] [redacted]");
  });

  it("leaves a text alone where there is no secret", () => {
    expect(redact("text", [""])).toBe("text");
  });
});
