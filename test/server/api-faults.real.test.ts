import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import { openRaw } from "../support/raw-http.ts";
import { silentLog } from "../support/silent-log.ts";
import { until } from "../support/until.ts";
import { askHttps } from "./ask-https.ts";
import { type Calls, fakeServices } from "./fake-services.ts";
import { runServer, type TestIdentities, testIdentities } from "./running-server.ts";

type Running = Awaited<ReturnType<typeof runServer>>;

let identities: TestIdentities;
let server: Running;
let calls: Calls;
const errors: object[] = [];
const log = { ...silentLog, error: (fields: object) => errors.push(fields) };
beforeAll(async () => {
  identities = await testIdentities();
});
afterAll(() => identities.remove());
beforeEach(async () => {
  calls = [];
  errors.length = 0;
  server = await runServer(fakeServices(calls), identities.server, { log });
});
afterEach(() => server.stop());

const ask = (path: string, options: Parameters<typeof askHttps>[1] = {}) =>
  askHttps({ url: `${server.api}${path}`, ca: identities.server.ca }, options);

describe("a service that fails", () => {
  const failing = async (error: Error) => {
    await server.stop();
    const services = fakeServices(calls);
    const users = { ...services.users, list: () => Promise.reject(error) };
    server = await runServer({ ...services, users }, identities.server, { log });
  };

  it("by a bug is a 500 without detail, and a full log entry", async () => {
    const bug = new TypeError("password=hunter2");
    await failing(bug);

    const answer = await ask("/v1/users");

    expect(answer.text).not.toContain("hunter2");
    expect(answer.json).toMatchObject({ status: 500, errorCode: 1008, code: "INTERNAL" });
    expect(errors).toEqual([{ err: bug, requestId: "REQ1" }]);
  });

  it("because a neighbour is away is a 503 that says when to come again", async () => {
    await failing(new RigError("DATABASE_UNREACHABLE", "PostgreSQL is away"));

    const answer = await ask("/v1/users");

    expect(answer.json).toMatchObject({ status: 503, errorCode: 1008, code: "DATABASE_UNREACHABLE" });
    expect(answer.headers["retry-after"]).toBe("1");
    expect(errors).toEqual([]);
  });
});

describe("a resumed TLS session", () => {
  it("makes nobody an agent who shows no certificate", async () => {
    const port = Number(new URL(server.api).port);
    const dial = (session?: Buffer) =>
      new Promise<TLSSocket>((resolve) => {
        const socket: TLSSocket = connectTls(
          { port, host: "127.0.0.1", ca: identities.server.ca, ...(session ? { session } : {}) },
          () => resolve(socket),
        );
      });
    const first = await dial();
    const tickets: Buffer[] = [];
    first.on("session", (ticket) => tickets.push(ticket));
    first.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => tickets.length > 0);
    first.destroy();

    const second = await dial(tickets.at(-1));
    let text = "";
    second.on("data", (chunk) => {
      text += String(chunk);
    });
    second.write("GET /v1/publishes/P1/targets HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => text.includes("\r\n\r\n"));

    expect(second.isSessionReused()).toBe(true);
    expect(text).toMatch(/^HTTP\/1.1 401 /);
    second.destroy();
  });
});

describe("the stop", () => {
  it("waits for a request in flight and ends idle connections", async () => {
    await server.stop();
    let answer = () => {};
    const services = fakeServices(calls);
    const users = {
      ...services.users,
      list: () =>
        new Promise<never[]>((resolve) => {
          answer = () => resolve([]);
          calls.push(["waiting"]);
        }),
    };
    server = await runServer({ ...services, users }, identities.server, { graceMs: 600_000 });
    const idle = await openRaw(Number(new URL(server.api).port), identities.server.ca);
    idle.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => idle.text().includes('{"live":true}'));
    const inFlight = ask("/v1/users");
    await until(() => calls.length === 1);

    server.abort();
    await idle.closed;
    answer();

    expect(await inFlight).toMatchObject({ status: 200, headers: { connection: "close" } });
    await server.ended;
  });
});
