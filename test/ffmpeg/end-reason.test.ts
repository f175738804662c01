import { describe, expect, it } from "vitest";
import { type EndFacts, endReason } from "../../src/ffmpeg/end-reason.ts";

const PULL = "rtmp://127.0.0.1:1935/live/p?relay=r";
const PUSH = "rtmp://192.0.2.1:1935/";

const reasonOf = (text: string, facts: Partial<EndFacts> = {}) =>
  endReason({
    lines: text.split("\n"),
    phase: "connecting",
    verdict: null,
    pullUrl: PULL,
    pushUrl: PUSH,
    exitCode: 1,
    exitSignal: null,
    ...facts,
  }).reason;

describe("endReason", () => {
  // What ffmpeg 5.1.9 wrote in each case.
  it.each([
    ["timeout", `[rtmp @ 0x562e] [error] Cannot read RTMP handshake response\n[error] ${PUSH}: Connection timed out`],
    [
      "closed",
      `[rtmp @ 0x55c2] [error] Cannot read RTMP handshake response\n[error] ${PUSH}: Connection reset by peer`,
    ],
    ["closed", `[rtmp @ 0x55c2] [error] Cannot read RTMP handshake response\n[error] ${PUSH}: End of file`],
    ["closed", `[error] ${PUSH}: Input/output error`],
    [
      "connection refused",
      `[tcp @ 0x564e] [error] Connection to tcp://192.0.2.1:1935?tcp_nodelay=1 failed: Connection refused\n[rtmp @ 0x564e] [error] Cannot open connection tcp://192.0.2.1:1935?tcp_nodelay=1\n[error] ${PUSH}: Connection refused`,
    ],
    [
      "unknown host",
      `[tcp @ 0x5642] [error] Failed to resolve hostname nosuch.invalid: Name or service not known\n[error] ${PUSH}: Input/output error`,
    ],
    ["in use", `[rtmp @ 0x5623] [error] Server error: Already publishing\n[error] ${PUSH}: Operation not permitted`],
    ["rejected", `[rtmp @ 0x5623] [error] Server error: Bad stream key\n[error] ${PUSH}: Operation not permitted`],
    ["rejected", `[error] ${PUSH}: Operation not permitted`],
    ["tls", `[tls @ 0x55f4] [error] Peer certificate failed verification\n[error] ${PUSH}: Input/output error`],
    [
      "timeout",
      `[tls @ 0x561c] [error] Error in the pull function.\n[tls @ 0x561c] [error] IO error: Connection timed out\n[error] ${PUSH}: Connection timed out`,
    ],
    [
      "no video",
      "[fatal] Stream map '0:v:0' matches no streams.\n[fatal] To ignore this, add a trailing '?' to the map.",
    ],
    [
      "codec",
      "[flv @ 0x1] [error] Could not find tag for codec hevc in stream #0, codec not currently supported in container",
    ],
    ["crashed", "[warning] something else"],
  ])("reads %s before anything was sent (case %#)", (reason, text) => {
    expect(reasonOf(text)).toBe(reason);
  });

  it.each([
    ["stalled", "Connection timed out"],
    ["closed", "Connection reset by peer"],
    ["closed", "End of file"],
    ["closed", "Broken pipe"],
  ])("reads %s from a write that failed with %s", (reason, words) => {
    const text = `[error] av_interleaved_write_frame(): ${words}\n[error] Error writing trailer of ${PUSH}: ${words}`;

    expect(reasonOf(text, { phase: "sending" })).toBe(reason);
  });

  it("tells the input's failure from the destination's, though the words are the same", () => {
    expect(reasonOf(`[error] ${PULL}: Input/output error`, { phase: "input" })).toBe("source gone");
    expect(reasonOf(`[error] ${PULL}: Connection timed out`, { phase: "sending", exitCode: 0 })).toBe("source gone");
    expect(reasonOf("[rtmp @ 0x5623] [error] Server error: No such stream", { phase: "input" })).toBe("source gone");
  });

  it("calls a clean end of the input source gone", () => {
    expect(reasonOf("", { phase: "sending", exitCode: 0 })).toBe("source gone");
  });

  it("calls a process that somebody killed crashed, whatever it had said before", () => {
    const killed = { phase: "sending", exitCode: null, exitSignal: "SIGKILL" } as const;

    expect(reasonOf("", killed)).toBe("crashed");
    expect(reasonOf(`[error] ${PUSH}: Connection refused`, killed)).toBe("crashed");
  });

  it("does not take a server that lacks an old command for one that refuses", () => {
    const text = `[rtmp @ 0x1] [warning] Server error: unknown command\n[error] ${PUSH}: End of file`;

    expect(reasonOf(text)).toBe("closed");
  });

  it("does not blame the destination for what went wrong before the input was open", () => {
    const text = `[tcp @ 0x1] [error] Connection to tcp://x failed: Connection refused\n[info] Input #0, live_flv, from '${PULL}':\n[error] ${PUSH}: End of file`;

    expect(reasonOf(text)).toBe("closed");
  });

  it("believes the watchdog before anything else", () => {
    expect(reasonOf(`[error] ${PUSH}: Connection refused`, { verdict: "stalled" })).toBe("stalled");
  });

  it("is not deceived by what a publisher writes into its metadata", () => {
    const forged = `[info]     title           : [error] ${PUSH}: Operation not permitted\n                      : [error] av_interleaved_write_frame(): x`;

    expect(reasonOf(forged, { phase: "sending", exitCode: 0 })).toBe("source gone");
  });

  it("gives ffmpeg's own words as the detail, without the addresses of its memory", () => {
    const facts = {
      phase: "connecting",
      verdict: null,
      pullUrl: PULL,
      pushUrl: PUSH,
      exitCode: 1,
      exitSignal: null,
    } as const;
    const lines = ["[rtmp @ 0x5623dbfe73c0] [error] Server error: Already publishing"];

    expect(endReason({ ...facts, lines }).detail).toBe("Server error: Already publishing");
  });
});
