import { describe, expect, it } from "vitest";
import { checkDestinationUrl } from "../../src/domain/destination-url.ts";
import { findPreset, SERVICE_PRESETS } from "../../src/domain/service-presets.ts";

describe("findPreset", () => {
  it.each([
    ["YouTube", undefined, "default", "rtmps://a.rtmps.youtube.com/live2"],
    ["youtube", "Backup", "backup", "rtmps://b.rtmps.youtube.com/live2?backup=1"],
    ["Twitch", "sin", "SIN", "rtmp://sin.contribute.live-video.net/app"],
    ["Twitch", "LON", "LON", "rtmp://lhr.contribute.live-video.net/app"],
  ])("finds %s, server %s", (service, server, code, url) => {
    const preset = findPreset(service, server);

    expect(preset).toMatchObject({ server: code, url });
    expect(Object.keys(SERVICE_PRESETS)).toContain(preset.service);
  });

  it("holds the presets of the first version", () => {
    expect(Object.keys(SERVICE_PRESETS.YouTube!)).toEqual(["default", "backup"]);
    expect(Object.keys(SERVICE_PRESETS.Twitch!)).toEqual(["default", "SIN", "AMS", "LON", "NYC", "SFO"]);
  });

  it("has URLs that pass the check of destinations, but for a service's own query", () => {
    for (const servers of Object.values(SERVICE_PRESETS))
      for (const url of Object.values(servers)) {
        const bare = url.replace(/\?.*/, "");
        expect(checkDestinationUrl(bare)).toBe(bare);
      }
  });

  it.each([
    ["Vimeo", undefined, "service", /YouTube, Twitch/],
    ["Twitch", "PAR", "server", /default, SIN, AMS, LON, NYC, SFO/],
    ["constructor", undefined, "service", /YouTube/],
  ])("refuses %s, server %s, naming what there is", (service, server, field, message) => {
    expect(() => findPreset(service, server)).toThrow(
      expect.objectContaining({
        code: "INVALID_INPUT",
        message: expect.stringMatching(message),
        faults: [expect.objectContaining({ field })],
      }),
    );
  });
});
