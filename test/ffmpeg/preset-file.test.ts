import { mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPreset, presetFault, presetText, wipePreset } from "../../src/ffmpeg/preset-file.ts";

const PRESET = {
  app: "live2",
  playpath: "abcd?s_bl=1&s_p==#x y",
  tcUrl: "rtmp://a.example/live2",
  timeoutMs: 5000,
  sendBufferBytes: 65_536,
  caFile: null,
};

describe("presetText", () => {
  it("writes one option a line, values as they are", () => {
    expect(presetText(PRESET)).toBe(
      [
        "rtmp_app=live2",
        "rtmp_playpath=abcd?s_bl=1&s_p==#x y",
        "rtmp_tcurl=rtmp://a.example/live2",
        "rw_timeout=5000000",
        "send_buffer_size=65536",
        "tls_verify=1",
        "",
      ].join("\n"),
    );
  });

  it("leaves out an empty app, which ffmpeg would refuse", () => {
    expect(presetText({ ...PRESET, app: "" })).not.toContain("rtmp_app");
  });

  it.each(["a\nrw_timeout=1", "a\rb", "a\u0000b", "a\u007fb", "k".repeat(901), "ä".repeat(451)])(
    "refuses a value that could add options or be printed (case %#)",
    (playpath) => {
      expect(() => presetText({ ...PRESET, playpath })).toThrow(/rtmp_playpath must/);
    },
  );
});

describe("presetFault", () => {
  it.each(["k", "k".repeat(900), "ä".repeat(450), "=", "# ?&"])("takes what a line can hold (case %#)", (value) => {
    expect(presetFault(value)).toBeNull();
  });

  it("refuses nothing at all", () => {
    expect(presetFault("")).toMatch(/1 to 900 bytes/);
  });

  it("does not repeat the value", () => {
    expect(presetFault("secret\n")).not.toContain("secret");
  });
});

describe("openPreset", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "rig-preset-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("leaves no name behind and can be read from its beginning", async () => {
    const file = await openPreset("rtmp_playpath=k\n", folder);

    expect(await readdir(folder)).toEqual([]);
    expect((await file.stat()).mode & 0o777).toBe(0o600);
    expect((await file.stat()).nlink).toBe(0);
    expect(await file.readFile("utf8")).toBe("rtmp_playpath=k\n");
    await file.close();
  });
});

describe("wipePreset", () => {
  it("empties the file for everybody who holds it, and may be repeated", async () => {
    const file = await openPreset("rtmp_playpath=k\n", tmpdir());
    const held = await open(`/proc/self/fd/${file.fd}`);

    await wipePreset(file);
    await wipePreset(file);

    expect(await held.readFile("utf8")).toBe("");
    await held.close();
  });
});
