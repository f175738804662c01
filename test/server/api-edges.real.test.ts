import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import { silentLog } from "../support/silent-log.ts";
import { askHttps } from "./ask-https.ts";
import { type Calls, fakeServices } from "./fake-services.ts";
import { OPERATOR_TOKEN, runServer, type TestIdentities, testIdentities } from "./running-server.ts";

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

const JSON_TYPE = { "content-type": "application/json" };
const post = (body: string | Buffer, headers: Record<string, string> = JSON_TYPE) =>
  ask("/v1/users", { method: "POST", headers, body });
const USER = '{"username":"bob","email":"bob@example.org"}';

describe("the body", () => {
  it.each<[string, string | Buffer, Record<string, string>, number, number, string]>([
    ["malformed JSON", "{", JSON_TYPE, 400, 1005, "INVALID_INPUT"],
    ["JSON that is no object", "[]", JSON_TYPE, 400, 1005, "INVALID_INPUT"],
    ["bytes that are not UTF-8", Buffer.from([0x22, 0xff, 0x22]), JSON_TYPE, 400, 1005, "INVALID_INPUT"],
    ["100,000 brackets", "[".repeat(60_000), JSON_TYPE, 400, 1005, "INVALID_INPUT"],
    ["nothing", "", {}, 400, 1004, "MISSING_INPUT"],
    ["a form", "username=bob", { "content-type": "application/x-www-form-urlencoded" }, 415, 1002, "CONTENT_TYPE"],
    ["no content type", USER, {}, 415, 1002, "CONTENT_TYPE"],
    ["another charset", USER, { "content-type": "application/json; charset=latin1" }, 415, 1002, "CONTENT_TYPE"],
    ["a compressed body", USER, { ...JSON_TYPE, "content-encoding": "gzip" }, 415, 1002, "CONTENT_TYPE"],
    ["one byte too many", " ".repeat(64 * 1024 + 1), JSON_TYPE, 413, 1005, "PAYLOAD_TOO_LARGE"],
    [
      "one byte too many in chunks",
      " ".repeat(64 * 1024 + 1),
      { ...JSON_TYPE, "transfer-encoding": "chunked" },
      413,
      1005,
      "PAYLOAD_TOO_LARGE",
    ],
    [
      "a field that would change a prototype",
      '{"username":"bob","email":"b@c","__proto__":{"admin":true}}',
      JSON_TYPE,
      400,
      1005,
      "INVALID_INPUT",
    ],
  ])("is refused: %s", async (_what, body, headers, status, errorCode, code) => {
    const answer = await post(body, headers);

    expect(answer.json).toMatchObject({ status, errorCode, code, payload: expect.any(Array) });
    expect(answer.status).toBe(status);
    expect(calls).toEqual([]);
    expect(errors).toEqual([]);
  });

  it.each([
    ["at its limit", USER + " ".repeat(64 * 1024 - USER.length), JSON_TYPE],
    ["with its charset", USER, { "content-type": 'application/json; charset="UTF-8"' }],
    ["in chunks", USER, { ...JSON_TYPE, "transfer-encoding": "chunked" }],
  ])("is taken %s", async (_how, body, headers) => {
    expect((await post(body, headers)).status).toBe(201);
  });

  it("lists each fault by its field", async () => {
    expect((await post('{"username":"Bob!","role":"admin"}')).json).toEqual({
      msg: 'username must be 1-64 of a-z 0-9 . _ - and begin with a letter or digit, got "Bob!"; email is required; role is not known here',
      status: 400,
      payload: [
        {
          field: "username",
          message: 'must be 1-64 of a-z 0-9 . _ - and begin with a letter or digit, got "Bob!"',
        },
        { field: "email", message: "is required" },
        { field: "role", message: "is not known here" },
      ],
      errorCode: 1004,
      code: "MISSING_INPUT",
    });
  });
});

describe("the path and the method", () => {
  it.each([
    ["GET", "/v1/nothing", 404, 1000],
    ["GET", "/v1/users/", 404, 1000],
    ["GET", "/V1/users", 404, 1000],
    ["GET", "//v1/users", 404, 1000],
    ["GET", "/v1/streams/a/b/c", 404, 1000],
    ["PUT", "/v1/users", 405, 1001],
    ["DELETE", "/v1/streams", 405, 1001],
    ["PROPFIND", "/v1/users", 405, 1001],
    ["GET", "/v1/users/%00", 400, 1005],
    ["GET", "/v1/users/..%2f..%2fetc", 400, 1005],
    ["GET", "/v1/usage?period=2026-11&period=2026-12", 400, 1005],
    ["GET", "/v1/usage?perod=2026-11", 400, 1005],
    ["GET", "/v1/users/nobody", 404, 1000],
  ])("answers %s %s with %i and %i", async (method, path, status, errorCode) => {
    const answer = await ask(path, { method });

    expect(answer.json).toMatchObject({ status, errorCode });
    expect(answer.status).toBe(status);
    expect(errors).toEqual([]);
  });

  it("answers a path that cannot be decoded as one of the caller's faults", async () => {
    const { status } = await ask("/v1/users/%E0%A4%A");

    expect([400, 404]).toContain(status);
    expect(errors).toEqual([]);
  });

  it("says which methods a path takes", async () => {
    expect((await ask("/v1/users", { method: "PUT" })).headers.allow).toBe("POST, HEAD, GET");
  });

  it("answers HEAD like GET, without the body", async () => {
    const { status, text } = await ask("/v1/users", { method: "HEAD" });

    expect([status, text]).toEqual([200, ""]);
  });
});

describe("every answer", () => {
  it("is kept by nobody and carries the request's id", async () => {
    const given = await ask("/v1/users", { headers: { "x-request-id": "abc-1" } });
    const bad = await ask("/v1/users", { headers: { "x-request-id": "a b\u00e9" } });

    expect(given.headers).toMatchObject({
      "cache-control": "no-store",
      "x-request-id": "abc-1",
      "content-type": "application/json; charset=utf-8",
    });
    expect(given.json).toMatchObject({ msg: "OK", status: 200, payload: [{ username: "ada" }] });
    expect(bad.headers["x-request-id"]).toBe("REQ1");
  });

  it("asks for a bearer token where there is none", async () => {
    const answer = await ask("/v1/users", { anonymous: true });

    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe("Bearer");
  });

  it.each([["Bearer"], ["Bearer "], ["Basic b3A6b3A="], [`bearer  ${OPERATOR_TOKEN.open()}x`], ["Bearer é"]])(
    "takes %j as wrong credentials",
    async (authorization) => {
      const answer = await ask("/v1/users", { anonymous: true, headers: { authorization } });

      expect([answer.status, (answer.json as { errorCode: number }).errorCode]).toEqual([401, 1003]);
    },
  );
});

describe("health pages", () => {
  it("need no credentials", async () => {
    const beat = await ask("/heartbeat", { anonymous: true });

    expect(Object.keys(beat.json as object)).toEqual(["timestamp"]);
    expect(Math.abs((beat.json as { timestamp: number }).timestamp - Date.now())).toBeLessThan(60_000);
    expect((await ask("/livez", { anonymous: true })).json).toEqual({ live: true });
    expect((await ask("/readyz", { anonymous: true })).json).toEqual({ ready: true, checks: [] });
  });

  it("say 503 where a neighbour is away", async () => {
    await server.stop();
    const probes = [{ name: "etcd", check: () => Promise.reject(new RigError("ETCD_UNREACHABLE", "away")) }];
    server = await runServer(fakeServices(calls), identities.server, { probes });

    expect(await ask("/readyz", { anonymous: true })).toMatchObject({
      status: 503,
      json: { ready: false, checks: [{ name: "etcd", ok: false, reason: "ETCD_UNREACHABLE" }] },
    });
  });
});

describe("the root of the server", () => {
  it("is the stream service, for viewers without credentials", async () => {
    const viewer = { anonymous: true, headers: { "x-stream-session": "ada" } };

    expect((await ask("/", { anonymous: true })).text).toBe("OK");
    expect((await ask("/streams", viewer)).json).toEqual({ session: "ada", token: "t" });
    expect((await ask("/streams", { ...viewer, method: "POST" })).status).toBe(405);
  });
});
