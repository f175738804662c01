import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type ClipPacket, loopClip, openClip } from "../../src/demo/clip.ts";
import { packageFile } from "../../src/runtime/package-file.ts";

const file = readFileSync(packageFile("assets/demo.flv"));
const clip = openClip(file);

const take = (count: number): ClipPacket[] => {
  const packets: ClipPacket[] = [];
  for (const packet of loopClip(clip)) {
    packets.push(packet);
    if (packets.length === count) break;
  }
  return packets;
};

const track = (packets: readonly ClipPacket[], wanted: "audio" | "video") =>
  packets.filter(({ identity }) => identity.track === wanted).map(({ identity }) => identity);

describe("the demo's clip", () => {
  it("is small enough to ship and at least 1 Mbit/s", () => {
    const bits = clip.packets.reduce((sum, { identity }) => sum + identity.bytes * 8, 0);

    expect(file.length).toBeLessThan(300_000);
    expect(bits / (clip.loopMs / 1000)).toBeGreaterThan(1_000_000);
  });

  it("begins with a key frame at 0 and has one at least every 2 s", () => {
    const keyTimes = track(clip.packets, "video").flatMap(({ isKey, timestampMs }) => (isKey ? [timestampMs] : []));

    expect(clip.packets[0]?.identity).toMatchObject({ track: "video", isKey: true, timestampMs: 0 });
    expect(keyTimes).toEqual([0, 960]);
    expect(clip.loopMs).toBe(1920);
  });

  it("has metadata and a sequence header for each track before the first frame", () => {
    expect(clip.headers.map(({ type }) => type).sort()).toEqual([18, 8, 9].sort());
  });

  it("has tracks of one length, so that neither has a seam", () => {
    expect(track(clip.packets, "video")).toHaveLength(48); // 48 × 40 ms
    expect(track(clip.packets, "audio")).toHaveLength(90); // 90 × 1024 / 48000 s
  });

  it.each([
    ["video", 40, 40],
    ["audio", 21, 22],
  ] as const)("keeps the step of %s between %d and %d ms over the seams", (name, least, most) => {
    const times = track(take(3 * clip.packets.length + 7), name).map(({ timestampMs }) => timestampMs);
    const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));

    expect(Math.min(...steps)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...steps)).toBeLessThanOrEqual(most);
  });

  it("repeats its payloads and nothing else", () => {
    const packets = take(2 * clip.packets.length);
    const [first, second] = [packets.slice(0, clip.packets.length), packets.slice(clip.packets.length)];

    expect(second.map(({ identity }) => identity.digest)).toEqual(first.map(({ identity }) => identity.digest));
    expect(second.map(({ message }) => message.timestamp - 1920)).toEqual(
      first.map(({ message }) => message.timestamp),
    );
  });

  it("is refused where it does not begin with a key frame", () => {
    expect(() => openClip(Buffer.from("no clip"))).toThrow("begins with a video key frame");
  });
});
