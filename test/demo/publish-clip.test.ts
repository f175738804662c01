import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openClip } from "../../src/demo/clip.ts";
import { type ClipPublish, publishClip } from "../../src/demo/publish-clip.ts";
import type { MediaMessage } from "../../src/rtmp/message.ts";
import { packageFile } from "../../src/runtime/package-file.ts";
import { fakeClock } from "../support/fake-clock.ts";

const clip = openClip(readFileSync(packageFile("assets/demo.flv")));

function start(seconds: number) {
  const clock = fakeClock();
  const messages: MediaMessage[] = [];
  const publish: ClipPublish = { sent: [], startedAt: null };
  const end = new AbortController();
  const publisher = {
    send: async (message: MediaMessage) => {
      messages.push(message);
    },
  };
  const isEnough = (elapsedMs: number) => elapsedMs >= seconds * 1000;
  const done = publishClip(publisher, clip, { clock, isEnough, publish }, end.signal);
  return { clock, messages, publish, end, done };
}

describe("publishing the clip", () => {
  it("sends the headers once and then each packet when it is due", async () => {
    const { clock, messages, publish, end, done } = start(60);

    await clock.advance(1000);
    const sentAfterOneSecond = publish.sent.length;
    end.abort();
    await done;

    const due = clip.packets.filter(({ message }) => message.timestamp <= 1000).length;
    expect(sentAfterOneSecond).toBe(due);
    expect(messages).toHaveLength(clip.headers.length + due);
    expect(messages.slice(0, clip.headers.length)).toEqual(clip.headers);
  });

  it("ends by itself when it is enough", async () => {
    const { clock, publish, done } = start(4);

    await clock.advance(5000);
    await done;

    expect(publish.sent.at(-1)?.timestampMs).toBeLessThan(4000);
    expect(publish.sent.filter(({ track }) => track === "video")).toHaveLength(100); // 4 s at 25 frames/s
  });
});
