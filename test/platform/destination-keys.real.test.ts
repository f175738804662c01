import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RtmpSink, startSink } from "../../src/rtmp/sink.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { askApi } from "../support/ask-api.ts";
import { startEncoder } from "../support/encoder.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import type { NewStream } from "../support/rig-commands.ts";
import { until } from "../support/until.ts";

let platform: TestPlatform;
let sink: RtmpSink;
let stream: NewStream;
let url: string;
let files = 0;

beforeAll(async () => {
  platform = await startPlatform();
  sink = await startSink({ clock, host: "127.0.0.1", port: 0, record: false });
  stream = await platform.addStream();
  url = `rtmp://127.0.0.1:${sink.port}/app`;
});
afterAll(async () => {
  await platform?.stop();
  await sink?.close();
});

/** The ways in: each answers with the code, what else was said, and the fault's field. */
const WAYS = {
  async "a file"(key: string) {
    const file = join(platform.folder, `key-${++files}.txt`);
    await writeFile(file, key);
    return commandError(["destinations", "add", stream.id, "--url", url, "--key-file", file, "--json"]);
  },
  stdin: (key: string) =>
    commandError(["destinations", "add", stream.id, "--url", url, "--key-file", "-", "--json"], key),
  async "the API"(key: string) {
    const { code, text, payload } = await askApi(platform, "POST", `/v1/streams/${stream.id}/destinations`, {
      url,
      streamKey: key,
    });
    return { code, text, field: (payload as { field?: string }[] | null)?.[0]?.field };
  },
};
type Way = keyof typeof WAYS;
const WAY_NAMES = Object.keys(WAYS) as Way[];

async function commandError(args: string[], input?: string) {
  const { code, stdout, stderr } = await platform.run(args, input);
  if (code === 0) return { code: null, text: stdout, field: undefined };
  const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
  return { code: error.code, text: stdout + stderr, field: error.message.split(" ")[0] };
}

describe("a destination key", () => {
  const bad = [
    ["a line break inside", "canary-in-key\nrtmp_app=other"],
    ["2,000 bytes", "canary-in-key".padEnd(2_000, "x")],
    ["901 bytes of fewer characters", `canary-in-key${"é".repeat(444)}`],
    ["a NUL", "canary-in-key\0"],
    ["a tabulator", "canary-in-key\tx"],
    ["nothing in it", ""],
  ] as const;

  it.concurrent.each(WAY_NAMES.flatMap((way) => bad.map(([what, key]) => [what, way, key] as const)))(
    "with %s is refused by its field's name from %s, and not shown",
    async (_, way, key) => {
      const { code, text, field } = await WAYS[way](key);

      expect(code).toBe("INVALID_INPUT");
      expect(field).toMatch(way === "the API" ? /^streamKey$/ : /^(destinationKey|--key-file)$/);
      expect(text).not.toContain("canary-in-key");
    },
  );

  it("arrives whole as the stream name, whatever it is made of, from every way in", async () => {
    const keys = [
      "key?s_bl=1&s_sc=a&x==",
      "key=with=equals",
      "key#part",
      "key with  spaces ",
      "schlüssel-日本語-🎥",
      "../../up/and?over=../x",
      "'\"\\$(x)`%41%00;|<>{}",
      "rtmp://other/app playpath=z",
      "k".repeat(900),
    ];
    const answers = await Promise.all(keys.map((key, index) => WAYS[WAY_NAMES[index % 3] as Way](key)));
    expect(answers.map(({ code }) => code)).toEqual(keys.map(() => null));

    const encoder = await startEncoder(stream);
    await until(() => sink.publishes.length >= keys.length);
    await encoder.end();

    expect(new Set(sink.publishes.map(({ name }) => name))).toEqual(new Set(keys));
    expect(new Set(sink.publishes.map(({ app }) => app))).toEqual(new Set(["app"]));
  });
});
