import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { commandLines, FFMPEG, pidOfRelay, usePushes } from "../support/push-harness.ts";
import { until } from "../support/until.ts";

describe.skipIf(!FFMPEG).concurrent("ffmpegPush", () => {
  const { push, sink, source, atEnd } = usePushes();

  it("pushes a source without audio", async () => {
    const to = await sink();
    await source().publish("video-only", { audio: false });
    const relay = push(`rtmp://127.0.0.1:${to.port}/app`, { from: "video-only" });

    await until(() => relay.progress.length > 2);
  });

  it("pushes, tells its progress, and ends cleanly when told to", async () => {
    const to = await sink();
    const relay = push(`rtmp://127.0.0.1:${to.port}/app`);
    await until(() => relay.progress.length >= 3);

    relay.stop();

    const end = await relay.end;
    expect(end).toMatchObject({ reason: null, healthy: false });
    expect(end.egressBytes).toBeGreaterThan(relay.progress[2]!.egressBytes);
    expect(end.egressSeconds).toBeGreaterThan(1);
    expect(relay.progress.at(-1)).toMatchObject({ speed: expect.any(Number), lostFrames: 0 });
    expect(await to.publishes[0]?.ended).toBe("unpublished"); // its input ended first, so it could say goodbye
  });

  it.each([
    ["a query, equal signs, hashes and spaces", "abcd?s_bl=1&s_p==x#y z&", "app"],
    ["900 bytes", "k".repeat(900), "app"],
    ["a deeper app", "key", "a/b/c"],
  ])("brings a destination key and app with %s to the server as they are", async (_, key, app) => {
    const to = await sink();
    push(`rtmp://127.0.0.1:${to.port}/${app}`, { key });

    await until(() => to.publishes.length === 1);

    expect(to.publishes[0]).toMatchObject({ name: key, app });
  });

  it.each(["line\nrw_timeout=1", "line\rbreak", "nul\u0000", "k".repeat(2000), ""])(
    "refuses a destination key that could change its options (case %#)",
    async (key) => {
      const to = await sink();

      const end = await push(`rtmp://127.0.0.1:${to.port}/app`, { key }).end;

      expect(end.reason).toBe("rejected");
      expect(end.detail).toMatch(/destination key must/);
      expect(to.publishes).toEqual([]);
    },
  );

  it("shows neither key nor app to other users of the machine, and leaves no file", async () => {
    const presetFolder = await mkdtemp(join(tmpdir(), "rig-presets-"));
    atEnd(() => rm(presetFolder, { recursive: true }));
    const to = await sink();
    push(`rtmp://127.0.0.1:${to.port}/secret-app`, { key: "very-secret-key", presetFolder });
    await until(() => to.publishes.length === 1);

    const shown = [...(await commandLines()).values()];

    const ours = shown.filter((line) => line.includes(`:${to.port}/`));
    expect(ours).toHaveLength(1);
    expect(shown.join("\n")).not.toMatch(/very-secret-key|secret-app/);
    expect(await readdir(presetFolder)).toEqual([]);
  });

  it("hands ffmpeg no environment", async () => {
    process.env.RIG_TEST_SECRET = "do-not-inherit";
    atEnd(() => void delete process.env.RIG_TEST_SECRET);
    const to = await sink();
    push(`rtmp://127.0.0.1:${to.port}/app`);
    await until(() => to.publishes.length === 1);

    const pid = await pidOfRelay(to.port);
    const environment = (await readFile(`/proc/${pid}/environ`, "utf8")).split("\0").filter(Boolean);

    expect(environment.map((entry) => entry.split("=")[0]).sort()).toEqual(["LC_ALL", "PATH"]);
  });

  it("waits for a source that is not published yet, and sends its frame 0", async () => {
    const to = await sink();
    const relay = push(`rtmp://127.0.0.1:${to.port}/app`, { from: "later" });
    await until(() => source().waiting("later") > 0);
    await source().publish("later");

    await until(() => relay.progress.length > 0);
    expect(to.publishes[0]?.messages.some(({ timestamp }) => timestamp === 0)).toBe(true);
  });

  it("ends at once when stopped while it waits for its source", async () => {
    const relay = push(`rtmp://127.0.0.1:${await freePort()}/app`, { from: "never" });
    await until(async () => [...(await commandLines()).values()].some((line) => line.includes("/live/never")));

    relay.stop();

    expect((await relay.end).reason).toBeNull();
    expect([...(await commandLines()).values()].some((line) => line.includes("/live/never"))).toBe(false);
  });

  it("tries a host's addresses in turn", async () => {
    const to = await sink();
    const relay = push(`rtmp://many.example:${to.port}/app`, { lookup: async () => ["127.0.0.2", "127.0.0.1"] });
    expect((await relay.end).reason).toBe("connection refused");

    const stop = new AbortController();
    const second = relay.push(relay.order, () => {}, stop.signal);
    await until(() => to.publishes.length === 1);
    stop.abort();

    expect((await second).reason).toBeNull();
  });
});
