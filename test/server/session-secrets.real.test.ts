import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTokensApi, type TokensApi } from "./tokens-api.ts";

let api: TokensApi;
beforeEach(async () => {
  api = await openTokensApi();
});
afterEach(() => api.close());

const send: TokensApi["send"] = (...asked) => api.send(...asked);
const post: TokensApi["post"] = (...asked) => api.post(...asked);
const create: TokensApi["create"] = (...asked) => api.create(...asked);
const as = (secret: string) => ({ authorization: `Bearer ${secret}` });
const secretOf = async (body: object) => (await post("/secret", body)).body.payload.secret as string;

describe("a session's own secret", () => {
  it("lets its holder act for that session, on its plan", async () => {
    const app = as(await secretOf({ session: "ada", plan: "family" }));
    const { token, limit } = (await create({}, app)).body.payload;

    expect(limit).toBe(2);
    expect((await post("/refresh", { session: "ada", token }, app)).status).toBe(200);
    expect((await send("GET", "", { "x-stream-session": "ada", ...app })).body.payload.active).toHaveLength(1);
    expect((await post("/stop", { session: "ada", token }, app)).status).toBe(200);
  });

  it("is good for no other session, no other plan, and nothing of an operator's", async () => {
    const secret = await secretOf({ session: "ada", plan: "family", limit: 1 });
    const app = as(secret);

    expect((await create({ session: "bob" }, app)).body.code).toBe("INVALID_CREDENTIALS");
    expect((await create({ plan: "default" }, app)).body.code).toBe("FORBIDDEN");
    expect((await create({ limit: 2 }, app)).body.payload.limit).toBe(1);
    for (const path of ["/secret", "/evict"])
      expect((await post(path, { session: "ada", id: "0".repeat(16) }, app)).status).toBe(403);
  });

  it.each([
    ["another plan", (secret: string) => secret.replace("family", "default")],
    ["a higher limit", (secret: string) => secret.replace(":2:", ":3:")],
    ["no limit", (secret: string) => secret.replace(":2:", "::")],
    ["another signature", (secret: string) => `${secret.slice(0, -2)}xx`],
    ["no signature", (secret: string) => secret.slice(0, secret.lastIndexOf(":") + 1)],
  ])("is void once it says %s", async (_what, forge) => {
    const secret = forge(await secretOf({ session: "ada", plan: "family", limit: 2 }));

    const { status, headers, body } = await create({}, as(secret));

    expect([status, body.code]).toEqual([401, "INVALID_CREDENTIALS"]);
    expect(headers.get("www-authenticate")).toBe("Bearer");
    expect(api.store.asked).toEqual([]);
  });

  it("is needed by whoever is no operator", async () => {
    const answers = [await create({}, { authorization: "" }), await create({}, as("wrong"))];

    for (const { status, body } of answers) expect([status, body.code]).toEqual([401, "INVALID_CREDENTIALS"]);
  });
});

describe("the stream service's own port", () => {
  const get = async (path: string, method = "GET") => {
    const answer = await fetch(`${api.url}${path}`, { method, headers: { "x-stream-session": "ada" } });
    return [answer.status, await answer.text()];
  };

  it("answers the old contract, the health pages and the metrics", async () => {
    expect(await get("/")).toEqual([200, "OK"]);
    expect((await get("/streams?x=1"))[0]).toBe(200);
    expect(await get("/livez")).toEqual([200, '{"live":true}']);
    expect(await get("/readyz")).toEqual([200, '{"ready":true,"checks":[]}']);
    expect(await get("/metrics")).toEqual([200, "rig_test 1\n"]);
    expect((await get("/metrics", "POST"))[0]).toBe(405);
  });

  it.each([
    ["PUT", "/v1/tokens", 405, "METHOD_NOT_ALLOWED"],
    ["GET", "/v1/tokens/refresh", 405, "METHOD_NOT_ALLOWED"],
    ["GET", "/v1/tokens/", 404, "NOT_FOUND"],
    ["POST", "/v1/tokens/nothing", 404, "NOT_FOUND"],
  ])("refuses %s %s by a problem document", async (method, path, status, code) => {
    const answer = await fetch(`${api.url}${path}`, { method });

    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
    expect(await answer.json()).toMatchObject({ status, code, type: `urn:rig:error:${code}` });
  });

  it.each(["/v1/users", "/v1/tokensx", "/v1", "/admin", "/v1/tokens/..%2fusers"])(
    "knows nothing at %s",
    async (path) => {
      expect((await get(path))[0]).toBe(404);
    },
  );
});
