import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type ApiClient, apiClient } from "../../src/api/client.ts";
import { errorEnvelope } from "../../src/api/envelope.ts";
import { serverForAgent } from "../../src/api/server-for-agent.ts";
import { RigError } from "../../src/domain/errors.ts";
import { Secret } from "../../src/domain/secret.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { freePort } from "../support/free-port.ts";
import { heldBySignal } from "../support/held-by-signal.ts";
import { until } from "../support/until.ts";

const never = new AbortController().signal;
const attempt = { streamKey: new Secret("sk"), ingestInstance: "i", clientId: "1", clientAddress: "::1" };
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(handler: RequestListener): Promise<string> {
  const server: Server = createServer(handler);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function clientOf(baseUrl: string, clock = systemClock): ApiClient {
  const client = apiClient({ baseUrl, clock });
  closers.push(() => client.close());
  return client;
}

/** undici takes a connection back one turn after the answer; a call in the same turn opens another. */
const turn = () => new Promise<void>((done) => setImmediate(done));
const usage = (payload: unknown) => JSON.stringify({ msg: "OK", status: 200, payload });

describe("apiClient", () => {
  it("gives up after its deadline, and ends its timer", async () => {
    const clock = fakeClock();
    let asked = 0;
    const url = await serve(() => {
      asked += 1; // and no answer ever
    });

    const call = serverForAgent(clientOf(url, clock)).report([], never);
    call.catch(() => {});
    await until(() => asked === 1);
    await clock.advance(5_000);

    await expect(call).rejects.toMatchObject({ code: "SERVER_UNREACHABLE" });
    expect(clock.sleepers()).toBe(0);
    expect(asked).toBe(1);
  });

  it("leaves nothing on a caller's signal that lives on", async () => {
    const { signal } = new AbortController();
    const url = await serve((_, response) => response.end(usage({ answers: [] })));
    const server = serverForAgent(clientOf(url));

    for (let i = 0; i < 3; i++) await server.report([], signal);

    expect(heldBySignal(signal)).toBe(0);
  });

  it("gives up at once where its caller does", async () => {
    const stop = new AbortController();
    let asked = 0;
    const url = await serve(() => {
      asked += 1; // and no answer ever
    });

    const call = serverForAgent(clientOf(url)).report([], stop.signal);
    call.catch(() => {});
    await until(() => asked === 1);
    stop.abort(new Error("told to stop"));

    await expect(call).rejects.toMatchObject({ code: "SERVER_UNREACHABLE", cause: { message: "told to stop" } });
  });

  it("gives up an answer that stops in the middle", async () => {
    const clock = fakeClock();
    let begun = false;
    const url = await serve((_request, response) => {
      response.write('{"msg"');
      begun = true;
    });

    const call = clientOf(url, clock).call("listUsers");
    call.catch(() => {});
    await until(() => begun);
    await clock.advance(5_000);

    await expect(call).rejects.toMatchObject({ code: "SERVER_UNREACHABLE" });
  });

  it("gives up when its caller does", async () => {
    const stop = new AbortController();
    let asked = false;
    const url = await serve(() => {
      asked = true;
    });

    const call = serverForAgent(clientOf(url)).targets("P1", stop.signal);
    call.catch(() => {});
    await until(() => asked);
    stop.abort();

    await expect(call).rejects.toMatchObject({ code: "SERVER_UNREACHABLE" });
    await expect(serverForAgent(clientOf(url)).targets("P1", stop.signal)).rejects.toMatchObject({
      code: "SERVER_UNREACHABLE",
    });
  });

  it("says that nobody listens, with the cause", async () => {
    const call = clientOf(`http://127.0.0.1:${await freePort()}`).call("listUsers");

    await expect(call).rejects.toMatchObject({ code: "SERVER_UNREACHABLE", cause: { code: "ECONNREFUSED" } });
  });

  it("keeps its connection from one call to the next", async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end(usage({ answers: [] }));
    });
    const agent = serverForAgent(clientOf(url));

    for (let i = 0; i < 3; i++) {
      await agent.report([], never);
      await turn();
    }

    expect(ports.size).toBe(1);
  });

  /** Answers the first request of a connection and breaks at the second: a kept connection that went stale. */
  function staleServer() {
    const requests: string[] = [];
    const server = createTcpServer((socket) => {
      let first = true;
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        requests.push(chunk.toString().split(" HTTP")[0] ?? "");
        if (!first) return void socket.destroy();
        first = false;
        const body = usage({ answers: [] });
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      });
    });
    return new Promise<{ url: string; requests: string[] }>((ready) => {
      server.listen(0, "127.0.0.1", () => {
        closers.push(() => server.close());
        ready({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests });
      });
    });
  }

  it("tries once more where a kept connection broke and the route is safe to repeat", async () => {
    const { url, requests } = await staleServer();
    const agent = serverForAgent(clientOf(url));

    await agent.report([], never);
    await turn();
    const second = await agent.report([], never);

    expect(second).toEqual([]);
    expect(requests).toEqual(["POST /v1/usage", "POST /v1/usage", "POST /v1/usage"]);
  });

  it("does not send a publish twice", async () => {
    const { url, requests } = await staleServer();
    const agent = serverForAgent(clientOf(url));

    await agent.report([], never);
    await turn();
    const asked = agent.authenticate(attempt, never);

    await expect(asked).rejects.toMatchObject({ code: "SERVER_UNREACHABLE" });
    expect(requests).toEqual(["POST /v1/usage", "POST /v1/publishes"]);
  });

  it.each([
    ["a proxy's page", 502, "<html>Bad Gateway</html>"],
    ["a redirect", 302, ""],
    ["an envelope without its payload", 200, '{"msg":"OK","status":200}'],
    ["a payload of another shape", 200, usage({ answers: [{ publishId: 7 }] })],
    ["nothing", 200, ""],
  ])("takes %s as no answer of rig's", async (_what, status, body) => {
    const url = await serve((_request, response) => void response.writeHead(status, { location: "/" }).end(body));

    await expect(serverForAgent(clientOf(url)).report([], never)).rejects.toMatchObject({ code: "CANNOT_FETCH" });
  });

  it("takes fields of a newer server that it does not know", async () => {
    const url = await serve((_request, response) => void response.end(usage({ answers: [], more: true })));

    expect(await serverForAgent(clientOf(url)).report([], never)).toEqual([]);
  });

  it("throws what the server threw", async () => {
    const envelope = errorEnvelope(new RigError("STREAM_IN_USE", "the stream is already live"));
    const url = await serve((_request, response) => void response.writeHead(409).end(JSON.stringify(envelope)));

    await expect(serverForAgent(clientOf(url)).authenticate(attempt, never)).rejects.toMatchObject({
      code: "STREAM_IN_USE",
      message: "the stream is already live",
    });
  });

  it("puts ids and queries where they cannot become anything else", async () => {
    const urls: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      urls.push(request.url);
      response.end(usage([]));
    });

    await clientOf(url).call("listUsage", { query: { period: "2026-11", user: "a.b" } });
    const odd = clientOf(url).call("listDestinations", { params: { streamId: "../users" } });

    await expect(odd).rejects.toMatchObject({ code: "INVALID_INPUT", faults: [{ field: "streamId" }] });
    expect(urls).toEqual(["/v1/usage?period=2026-11&user=a.b"]);
  });

  it("shows no key when it is printed", async () => {
    const client = apiClient({ baseUrl: "https://x", bearer: new Secret("tok3n"), clock: systemClock });
    closers.push(() => client.close());

    expect(JSON.stringify(client)).not.toContain("tok3n");
  });
});
