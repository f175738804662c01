import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pidFile } from "../../src/ingest/nginx/nginx-conf.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { type HttpListener, listen } from "../../src/runtime/http/listen.ts";
import { hashOfToken } from "../../src/server/operator-tokens.ts";
import { streamListener } from "../../src/server/stream-listener.ts";
import { freePort } from "../support/free-port.ts";
import { findNginxRtmp, runNginx, type TestNginx } from "../support/nginx.ts";
import { openRaw } from "../support/raw-http.ts";
import { silentLog } from "../support/silent-log.ts";
import { OPERATOR_TOKEN } from "./running-server.ts";
import { testViewers } from "./test-viewers.ts";

const listeners: HttpListener[] = [];
let nginx: TestNginx | null = null;
beforeEach(() => {
  nginx = null;
});
afterEach(async () => {
  await nginx?.stop();
  await Promise.all(listeners.splice(0).map((listener) => listener.close(0)));
});

/** The stream service's own port, where proxies are declared or not. */
async function serve(isProxied: boolean): Promise<HttpListener> {
  const ports = {
    ...testViewers(),
    tokensApi: () => {},
    operatorTokens: [{ name: "operator", sha256: hashOfToken(OPERATOR_TOKEN) }],
    ...{ probes: [], clock: systemClock, log: silentLog },
  };
  const handler = streamListener(ports, { isTrusted: () => true, isProxied });
  const listener = await listen({ host: "127.0.0.1", port: 0, handler, clock: systemClock, log: silentLog });
  listeners.push(listener);
  return listener;
}

const metricsOf = async (url: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${url}/metrics`, { headers });
  return [answer.status, await answer.text()];
};
/** Asked for by a name, which `fetch` does not let a test choose. */
const statusOf = async (port: number, path: string, headers = "") => {
  const client = await openRaw(port);
  client.write(`GET ${path} HTTP/1.1\r\nHost: viewers.example\r\n${headers}Connection: close\r\n\r\n`);
  return (await client.closed).slice(9, 12);
};
const TOKEN = { authorization: `Bearer ${OPERATOR_TOKEN.open()}` };
const REFUSED = [401, "Unauthorized"];
const SHOWN = [200, "rig_test 1\n"];

describe("/metrics of the stream service", () => {
  it("is open on loopback, to what nobody passed on", async () => {
    const { url } = await serve(false);

    expect(await metricsOf(url)).toEqual(SHOWN);
    expect(await metricsOf(url, { "x-forwarded-for": "192.0.2.7" })).toEqual(REFUSED);
    expect(await metricsOf(url, { "x-forwarded-for": "192.0.2.7", ...TOKEN })).toEqual(SHOWN);
  });

  it("is for operators alone once proxies are declared", async () => {
    const { url } = await serve(true);

    expect(await metricsOf(url)).toEqual(REFUSED);
    expect(await metricsOf(url, { authorization: "Bearer wrong" })).toEqual(REFUSED);
    expect(await metricsOf(url, TOKEN)).toEqual(SHOWN);
  });

  const NEWER = 'proxy_http_version 1.1; proxy_set_header Connection "";';
  it.skipIf(findNginxRtmp() === null).each([
    ["as it is by default", (port: number) => `proxy_pass http://127.0.0.1:${port};`],
    ["with connections kept to a named upstream", () => `proxy_pass http://viewers; ${NEWER}`],
    ["with the name that was asked for", () => `proxy_pass http://viewers; proxy_set_header Host $host; ${NEWER}`],
    [
      "with the address of who asked",
      (port: number) => `proxy_pass http://127.0.0.1:${port}; proxy_set_header X-Real-IP $remote_addr; ${NEWER}`,
    ],
  ])("is not open to the world behind an nginx on loopback %s", async (_how, location) => {
    const [{ port }, proxyPort] = [await serve(false), await freePort()];
    nginx = await passOn({ proxyPort, port, location: location(port) });

    expect(await statusOf(proxyPort, "/metrics")).toBe("401");
    expect(await statusOf(proxyPort, "/metrics", `Authorization: ${TOKEN.authorization}\r\n`)).toBe("200");
    expect(await statusOf(proxyPort, "/streams", "X-Stream-Session: ada\r\n")).toBe("200");
  });
});

it("tells the log of a peer that is no declared proxy, once for many requests", async () => {
  const warnings: object[] = [];
  const ports = {
    ...{ ...testViewers(), tokensApi: () => {}, operatorTokens: [], probes: [] },
    clock: { ...systemClock, monotonic: () => 0 }, // however long it takes
    log: { ...silentLog, warn: (fields: object) => void warnings.push(fields) },
  };
  const handler = streamListener(ports, { isTrusted: () => false });
  const listener = await listen({ host: "127.0.0.1", port: 0, handler, clock: systemClock, log: silentLog });
  listeners.push(listener);

  const statuses = [await statusOf(listener.port, "/streams"), await statusOf(listener.port, "/")];

  expect(statuses).toEqual(["403", "403"]);
  expect(warnings).toEqual([
    { peer: "127.0.0.1", refused: 1, hint: expect.stringContaining("STREAM_SERVICE_PROXIES") },
  ]);
});

interface Passing {
  readonly proxyPort: number;
  /** The stream service's. */
  readonly port: number;
  readonly location: string;
}

async function passOn({ proxyPort, port, location }: Passing): Promise<TestNginx> {
  const runFolder = await mkdtemp(join(tmpdir(), "rig-proxy-"));
  const confPath = join(runFolder, "nginx.conf");
  const user = process.getuid?.() === 0 ? "user nobody nogroup;" : "";
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const conf = `
    ${user} worker_processes 1; pid ${pidFile(runFolder)}; error_log stderr error;
    events { worker_connections 64; }
    http {
      access_log off; ${folders.map((each) => `${each}_temp_path ${join(runFolder, each)};`).join(" ")}
      upstream viewers { server 127.0.0.1:${port}; keepalive 2; }
      server { listen 127.0.0.1:${proxyPort}; location / { ${location} } }
    }`;
  await writeFile(confPath, conf);
  return runNginx({ runFolder, confPath, rtmpPort: proxyPort });
}
