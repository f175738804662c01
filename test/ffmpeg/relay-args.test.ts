import { expect, it } from "vitest";
import { relayArgs } from "../../src/ffmpeg/relay-args.ts";

const ORDER = { pullUrl: "rtmp://127.0.0.1/live/p", pushUrl: "rtmps://192.0.2.1:443/", inputTimeoutMs: 15_000 };

it("is the relay's command line of protocols.md", () => {
  expect(relayArgs({ ...ORDER, statsPeriod: true }).join(" ")).toBe(
    "-nostdin -hide_banner -nostats -loglevel repeat+level+info -progress pipe:1 -stats_period 1 " +
      "-protocol_whitelist rtmp,tcp -fpsprobesize 0 -rtmp_live live -tcp_nodelay 1 -rw_timeout 15000000 -f live_flv " +
      "-i rtmp://127.0.0.1/live/p -map 0:v:0 -map 0:a:0? -c copy -flvflags no_duration_filesize " +
      "-protocol_whitelist rtmps,rtmp,tls,tcp -tcp_nodelay 1 -fpre:v /dev/fd/3 -f flv rtmps://192.0.2.1:443/",
  );
});

it("leaves out what old builds do not know", () => {
  expect(relayArgs({ ...ORDER, statsPeriod: false })).not.toContain("-stats_period");
});
