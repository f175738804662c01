import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectRtmp } from "../../src/rtmp/connect.ts";
import { parseFlv, writeFlv } from "../../src/rtmp/flv.ts";
import { startSink } from "../../src/rtmp/sink.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { frameList, makeClip } from "../support/media-clip.ts";

const run = promisify(execFile);

describe("RTMP with ffmpeg at the other end", () => {
  let clip: Awaited<ReturnType<typeof makeClip>>;
  let folder: string;
  beforeAll(async () => {
    clip = await makeClip();
    folder = await mkdtemp(join(tmpdir(), "rig-rtmp-"));
  });
  afterAll(async () => {
    await clip.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it("takes a publish of ffmpeg frame by frame, its query in the name", async () => {
    const sink = await startSink({ host: "127.0.0.1", port: 0, clock });

    await run("ffmpeg", [
      "-v",
      "error",
      "-readrate", // at full speed it may close over a full send buffer, and lose the tail
      "8",
      "-i",
      clip.file,
      "-c",
      "copy",
      "-f",
      "flv",
      `rtmp://127.0.0.1:${sink.port}/live/name?a=b`,
    ]);
    const [publish] = sink.publishes;
    const how = await publish?.ended;
    await sink.close();
    const recorded = join(folder, "ffmpeg.flv");
    await writeFile(recorded, writeFlv(publish?.messages ?? []));

    expect(publish).toMatchObject({ app: "live", name: "name?a=b" });
    expect(how).toBe("unpublished");
    for (const track of ["v", "a"] as const)
      expect(await frameList(recorded, track)).toEqual(await frameList(clip.file, track));
  });

  it("publishes to our own sink what it reads from a file", async () => {
    const sink = await startSink({ host: "127.0.0.1", port: 0, clock });
    const tags = parseFlv(clip.bytes) ?? [];

    const client = await connectRtmp({ host: "127.0.0.1", port: sink.port, app: "live", clock });
    const publisher = await client.publish("name");
    for (const tag of tags) await publisher.send(tag);
    await publisher.end();
    const how = await sink.publishes[0]?.ended;
    await sink.close();

    expect(how).toBe("unpublished");
    expect(sink.publishes[0]?.messages).toEqual(tags);
  });
});
