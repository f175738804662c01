import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/runtime/clock.ts";
import { healthHandler } from "../../../src/runtime/http/health-handler.ts";
import { type HttpListener, type ListenOptions, listen } from "../../../src/runtime/http/listen.ts";
import { readBody } from "../../../src/runtime/http/read-body.ts";
import { type TestIdentities, testIdentities } from "../../server/running-server.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { openRaw } from "../../support/raw-http.ts";
import { silentLog } from "../../support/silent-log.ts";
import { until } from "../../support/until.ts";

const LONG_MS = 600_000; // longer than the test may take: what ends has not waited for it
const HASTY = { headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 20 };
const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

let identities: TestIdentities;
const open: HttpListener[] = [];
const logged: { fields: object; message: string }[] = [];
const log = { ...silentLog, error: (fields: object, message: string) => logged.push({ fields, message }) };

beforeAll(async () => {
  identities = await testIdentities();
});
afterAll(() => identities.remove());
afterEach(async () => {
  logged.length = 0;
  await Promise.all(open.splice(0).map((listener) => listener.close(0)));
});

async function serve(options: Partial<ListenOptions> = {}): Promise<HttpListener> {
  const listener = await listen({
    host: "127.0.0.1",
    port: 0,
    handler: (_request, response) => void response.end("hello"),
    clock: systemClock,
    log,
    ...options,
  });
  open.push(listener);
  return listener;
}

/** A handler that answers when the test says so. */
function slowHandler() {
  const waiting: (() => void)[] = [];
  const handler: ListenOptions["handler"] = async (_request, response) => {
    await new Promise<void>((go) => waiting.push(go));
    response.end("done");
  };
  return { handler, waiting };
}

describe("listen", () => {
  it("says where it listens", async () => {
    const plain = await serve();
    const tls = await serve({ tls: identities.server });

    expect(plain.url).toBe(`http://127.0.0.1:${plain.port}`);
    expect(tls.url).toBe(`https://127.0.0.1:${tls.port}`);
    expect(await (await fetch(plain.url)).text()).toBe("hello");
  });

  it("names a port that is taken and an address that is not its own", async () => {
    const { port } = await serve();

    await expect(serve({ port, setting: "streamServicePort" })).rejects.toMatchObject({
      ...{ code: "PORT_IN_USE", hint: expect.stringContaining("choose another streamServicePort") },
      message: expect.stringMatching(
        new RegExp(`: port ${port} on 127.0.0.1 is taken by .+ \\(process ${process.pid}\\)$`),
      ),
    });
    await expect(serve({ host: "192.0.2.1" })).rejects.toMatchObject({ code: "INVALID_SETTING" });
  });

  it.each<[string, ListenOptions["handler"]]>([
    [
      "at once",
      () => {
        throw new Error("hunter2");
      },
    ],
    ["later", () => Promise.reject(new Error("hunter2"))],
  ])("answers 500 without detail when its handler throws %s, and goes on", async (_when, handler) => {
    const { url } = await serve({ handler });

    const answers = [await fetch(url), await fetch(url)];

    expect(answers.map(({ status }) => status)).toEqual([500, 500]);
    expect(await answers[0]?.text()).toBe("");
    expect(logged).toHaveLength(2);
  });

  it("takes many requests at the same time for nothing unusual", async () => {
    const warnings: string[] = [];
    const warn = ({ name }: Error) => void warnings.push(name);
    process.on("warning", warn);
    const { handler, waiting } = slowHandler();
    const { url } = await serve({ handler });

    const answers = Array.from({ length: 12 }, () => fetch(url));
    await until(() => waiting.length === 12);
    for (const go of waiting) go();
    for (const answer of answers) expect(await (await answer).text()).toBe("done");
    process.off("warning", warn);

    expect(warnings).not.toContain("MaxListenersExceededWarning");
  });

  it("cuts an answer that broke in the middle, so that nobody takes it for whole", async () => {
    const { port } = await serve({
      handler(_request, response) {
        response.write("half");
        throw new Error("broke");
      },
    });
    const client = await openRaw(port);

    client.write(GET);

    expect((await client.closed).endsWith("0\r\n\r\n")).toBe(false);
    expect(logged).toHaveLength(1);
  });
});

describe("its limits", () => {
  it.each([
    ["garbage", "\x16\x03\x01 nonsense\r\n\r\n", "400"],
    ["headers above 8 KiB", `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(8 * 1024)}\r\n\r\n`, "431"],
    ["two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "400"],
    [
      "a length and chunks",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "400",
    ],
  ])("ends a connection with %s", async (_what, bytes, status) => {
    const { port } = await serve();
    const client = await openRaw(port);

    client.write(bytes);

    expect(await client.closed).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it("ends a request whose headers never end", async () => {
    const { port } = await serve({ limits: HASTY });
    const client = await openRaw(port);

    client.write("GET / HTTP/1.1\r\nHost: x\r\n");

    expect(await client.closed).toMatch(/^HTTP\/1.1 408 /);
  });

  it("ends a request whose body never ends", async () => {
    const { port } = await serve({
      limits: HASTY,
      handler: async (request, response) => void response.end(await readBody(request, 1_000)),
    });
    const client = await openRaw(port);

    client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");

    expect(await client.closed).toMatch(/^HTTP\/1.1 408 /);
  });

  it.each([
    ["announced", "Content-Length: 1001\r\n\r\n", ""],
    ["in chunks", "Transfer-Encoding: chunked\r\n\r\n", `3e9\r\n${"x".repeat(1001)}\r\n0\r\n\r\n`],
  ])("reads no body above its limit: %s", async (_how, headers, body) => {
    const seen: unknown[] = [];
    const { port } = await serve({
      async handler(request, response) {
        await readBody(request, 1_000).catch((error: unknown) => seen.push(error));
        response.end("refused");
      },
    });
    const client = await openRaw(port);

    client.write(`POST / HTTP/1.1\r\nHost: x\r\n${headers}${body}`);
    await until(() => client.text().includes("refused"));

    expect(seen).toMatchObject([{ code: "PAYLOAD_TOO_LARGE" }]);
    client.socket.destroy();
  });

  it("reads a body of just its limit", async () => {
    const { url } = await serve({
      handler: async (request, response) => void response.end(`${(await readBody(request, 1_000)).length}`),
    });

    expect(await (await fetch(url, { method: "POST", body: "x".repeat(1_000) })).text()).toBe("1000");
  });

  it("takes no more connections than it may hold", async () => {
    const { port } = await serve({ maxConnections: 1 });
    const first = await openRaw(port);
    const second = await openRaw(port);

    expect(await second.closed).toBe("");
    first.write(GET);
    await until(() => first.text().includes("hello"));
    first.socket.destroy();
  });

  it("outlives plain bytes on its TLS port", async () => {
    const { port } = await serve({ tls: identities.server });
    const client = await openRaw(port);

    client.write(GET);

    await client.closed;
    const proper = await openRaw(port, identities.server.ca);
    proper.write(GET);
    await until(() => proper.text().includes("hello"));
    proper.socket.destroy();
  });
});

describe("close", () => {
  it.each([["plain"], ["tls"]])("ends idle, silent and half-open connections at once: %s", async (kind) => {
    const tls = kind === "tls" ? { tls: identities.server } : {};
    const listener = await serve(tls);
    const ca = kind === "tls" ? identities.server.ca : undefined;
    const idle = await openRaw(listener.port, ca);
    idle.write(GET);
    await until(() => idle.text().includes("hello"));
    const silent = await openRaw(listener.port, ca);
    const halfOpen = await openRaw(listener.port); // with TLS: a handshake that never begins

    await Promise.all([listener.close(LONG_MS), idle.closed, silent.closed, halfOpen.closed]);

    await expect(openRaw(listener.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("lets a request in flight finish, and says that its connection ends", async () => {
    const { handler, waiting } = slowHandler();
    const listener = await serve({ handler });
    const busy = await openRaw(listener.port);
    busy.write(GET);
    await until(() => waiting.length === 1);

    const closing = listener.close(LONG_MS);
    waiting[0]?.();
    await closing;

    const answer = await busy.closed;
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer.toLowerCase()).toContain("connection: close");
    expect(answer.endsWith("done")).toBe(true);
  });

  it("ends what is still in flight when the grace is over", async () => {
    const clock = fakeClock();
    const { handler, waiting } = slowHandler();
    const listener = await serve({ handler, clock });
    const busy = await openRaw(listener.port);
    busy.write(GET);
    await until(() => waiting.length === 1);

    const closing = listener.close(5_000);
    await clock.advance(4_999);
    expect(busy.socket.closed).toBe(false);
    await clock.advance(1);
    await closing;

    expect(await busy.closed).toBe("");
    waiting[0]?.(); // too late, and harmless
    expect(logged).toEqual([]);
  });

  it("may be called twice", async () => {
    const listener = await serve();

    await Promise.all([listener.close(LONG_MS), listener.close(LONG_MS)]);
    await listener.close(LONG_MS);
  });
});

describe("healthHandler", () => {
  it("serves the health pages alone", async () => {
    const { url } = await serve({ handler: healthHandler({ clock: fakeClock(5), probes: [] }) });
    const ask = async (path: string, method = "GET") => {
      const answer = await fetch(`${url}${path}`, { method });
      return [answer.status, await answer.text()];
    };

    expect(await ask("/heartbeat?x=1")).toEqual([200, '{"timestamp":5}']);
    expect(await ask("/readyz")).toEqual([200, '{"ready":true,"checks":[]}']);
    expect(await ask("/heartbeat", "HEAD")).toEqual([200, ""]);
    expect(await ask("/heartbeat", "POST")).toEqual([405, "{}"]);
    expect(await ask("/")).toEqual([404, "{}"]);
  });
});
