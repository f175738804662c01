import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ClipPacket, loopClip, openClip } from "../../src/demo/clip.ts";
import { compareTracks } from "../../src/demo/compare-packets.ts";
import { healthySink } from "../../src/demo/sinks.ts";
import { writeFlv } from "../../src/rtmp/flv.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { packageFile } from "../../src/runtime/package-file.ts";
import { until } from "../support/until.ts";

describe("the demo's clip through ffmpeg -c copy", () => {
  it("arrives packet by packet as it was sent, seams included", async () => {
    const clip = openClip(readFileSync(packageFile("assets/demo.flv")));
    const packets: ClipPacket[] = [];
    for (const packet of loopClip(clip)) {
      if (packet.identity.timestampMs >= 10 * clip.loopMs) break;
      packets.push(packet);
    }
    const folder = mkdtempSync(join(tmpdir(), "rig-demo-"));
    const path = join(folder, "looped.flv");
    writeFileSync(path, writeFlv([...clip.headers, ...packets.map(({ message }) => message)]));
    const sink = await healthySink(systemClock);

    // Paced: at full speed ffmpeg closes over a full send buffer, and our acknowledgements that it never read make it a reset.
    const ffmpeg = spawn(
      "ffmpeg",
      ["-v", "error", "-readrate", "8", "-f", "live_flv", "-i", path, "-c", "copy", "-f", "flv", `${sink.url}/key`],
      { stdio: "ignore" },
    );
    const [code] = await once(ffmpeg, "exit");
    await until(() => sink.publishes.flat().length === packets.length).catch(() => {}); // judged below
    await sink.close();
    rmSync(folder, { recursive: true });

    expect(code).toBe(0);
    const sent = packets.map(({ identity }) => identity);
    expect(compareTracks(sent, sink.publishes.flat())).toEqual({
      problem: null,
      counts: "video 480 of 480, audio 900 of 900",
    });
  });
});
