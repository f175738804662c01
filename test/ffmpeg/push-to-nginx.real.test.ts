import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { controlSocket } from "../../src/ingest/nginx/nginx-conf.ts";
import { type NginxControl, nginxControl } from "../../src/ingest/nginx/nginx-control.ts";
import { findNginxRtmp, startPlainNginxRtmp, type TestNginx } from "../support/nginx.ts";
import { FFMPEG, usePushes } from "../support/push-harness.ts";
import { until } from "../support/until.ts";

describe.skipIf(!FFMPEG || !findNginxRtmp()).concurrent("pushing to an nginx-rtmp that rig knows nothing of", () => {
  const { push } = usePushes();
  let nginx: TestNginx;
  let control: NginxControl;
  beforeAll(async () => {
    nginx = (await startPlainNginxRtmp())!;
    control = nginxControl(controlSocket(nginx.runFolder));
  });
  afterAll(() => nginx.stop());

  const published = async () => (await control.stat()).publishers.map(({ app, localName }) => `${app} ${localName}`);

  it.each(["sink", "deep/app"])("publishes under the destination key in the app %s", async (app) => {
    const key = `key-of-${app.replace("/", "-")}`;
    const relay = push(`rtmp://127.0.0.1:${nginx.rtmpPort}/${app}`, { key });

    await until(async () => (await published()).includes(`${app} ${key}`));

    relay.stop();
    expect((await relay.end).reason).toBeNull();
    await until(async () => !(await published()).includes(`${app} ${key}`));
  });

  it("reads in use where somebody else publishes under that key, who is not disturbed", async () => {
    const first = push(`rtmp://127.0.0.1:${nginx.rtmpPort}/sink`, { key: "twice" });
    await until(async () => (await published()).includes("sink twice"));

    expect((await push(`rtmp://127.0.0.1:${nginx.rtmpPort}/sink`, { key: "twice" }).end).reason).toBe("in use");

    const before = first.progress.length;
    await until(() => first.progress.length > before + 1);
  });

  it("reads closed from an app that it does not have", async () => {
    expect((await push(`rtmp://127.0.0.1:${nginx.rtmpPort}/nothing`).end).reason).toBe("closed");
  });
});
