import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTokensApi, type TokensApi } from "./tokens-api.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let api: TokensApi;
beforeEach(async () => {
  api = await openTokensApi();
});
afterEach(() => api.close());

const send: TokensApi["send"] = (...asked) => api.send(...asked);
const post: TokensApi["post"] = (...asked) => api.post(...asked);
const create: TokensApi["create"] = (...asked) => api.create(...asked);

describe("/v1/tokens", () => {
  it("issues a token with its id, its life, and how the session stands", async () => {
    const { status, body } = await create({
      device: "tv",
      content: "film",
      label: "Living room",
      address: "192.0.2.7",
    });

    const { token, id, expiresAt, ...rest } = body.payload;
    expect([status, body.status, body.msg]).toEqual([201, 201, "OK"]);
    expect(token).toMatch(UUID);
    expect(Date.parse(expiresAt)).toBe(api.clock.now() + 30_000);
    expect(rest).toEqual({
      ...{ refreshAfterSeconds: 15, isRepeat: false, evicted: [], limit: 3 },
      active: [
        {
          ...{ id, createdAt: new Date(api.clock.now()).toISOString(), expiresAt },
          ...{ device: "tv", content: "film", label: "Living room", address: "192.0.2.7" },
        },
      ],
    });
  });

  it("gives a retry with the same Idempotency-Key the same token, and takes no second slot", async () => {
    const key = { "idempotency-key": "try-1" };
    const first = await create({}, key);
    await api.clock.advance(10_000);
    const again = await create({}, key);
    const other = await create({}, { "idempotency-key": "try-2" });

    expect(again.status).toBe(201);
    expect(again.body.payload).toMatchObject({
      token: first.body.payload.token,
      isRepeat: true,
      refreshAfterSeconds: 10,
    });
    expect(again.body.payload.active).toHaveLength(1);
    expect(other.body.payload.token).not.toBe(first.body.payload.token);
    expect(other.body.payload.active).toHaveLength(2);
  });

  it("renews a token to its full life", async () => {
    const { token, id } = (await create({})).body.payload;
    await api.clock.advance(20_000);
    const { status, body } = await post("/refresh", { session: "ada", token });

    expect([status, body.payload.token, body.payload.id]).toEqual([200, token, id]);
    expect(Date.parse(body.payload.expiresAt)).toBe(api.clock.now() + 30_000);
    expect(body.payload.refreshAfterSeconds).toBe(15);
  });

  it("refuses a full session with the tokens that live, and when to come again", async () => {
    await create({ device: "a" });
    await api.clock.advance(5_500);
    await create({ device: "b" });
    await create({ device: "c" });
    const { status, type, headers, body } = await create({ device: "d" });

    expect([status, type]).toEqual([409, "application/problem+json"]);
    expect(headers.get("retry-after")).toBe("25");
    expect(body).toMatchObject({
      ...{ type: "urn:rig:error:VIEWER_LIMIT_REACHED", title: "viewer limit reached", status: 409 },
      ...{ msg: body.detail, errorCode: 1006, code: "VIEWER_LIMIT_REACHED", payload: [] },
      ...{ fullOf: "session", limit: 3, retryAfterSeconds: 25 },
    });
    expect(body.active.map(({ device }: { device: string }) => device)).toEqual(["a", "b", "c"]);
    expect(JSON.stringify(body)).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });

  it("tells an evicted viewer at its next renewal who took its place", async () => {
    const family = { plan: "family" };
    const oldest = (await create({ ...family, device: "tv" })).body.payload;
    await api.clock.advance(1_000);
    await create({ ...family, device: "phone" });
    const newest = (await create({ ...family, device: "tablet", label: "Kids", address: "192.0.2.9" })).body.payload;
    const { status, type, body } = await post("/refresh", { session: "ada", ...family, token: oldest.token });

    expect(newest.evicted).toEqual([oldest.id]);
    expect([status, type, body.code]).toEqual([410, "application/problem+json", "VIEWER_TOKEN_ENDED"]);
    expect(body.ended).toEqual({
      ...{ id: oldest.id, at: new Date(api.clock.now()).toISOString(), cause: "oldest", note: null },
      by: { id: newest.id, device: "tablet", label: "Kids", address: "192.0.2.9" },
    });
  });

  it("evicts the one that a create names, where the plan says so", async () => {
    const first = (await create({ plan: "named" })).body.payload;

    expect((await create({ plan: "named" })).status).toBe(409);
    const second = await create({ plan: "named", evict: first.id });

    expect([second.status, second.body.payload.evicted]).toEqual([201, [first.id]]);
  });

  it("holds a plan's limit of one device", async () => {
    await create({ plan: "family", device: "tv" });
    const again = await create({ plan: "family", device: "tv" });

    expect(again.body.payload.active).toHaveLength(1); // the plan evicts the oldest
    expect(again.body.payload.evicted).toHaveLength(1);
  });

  it("lets an operator lower a plan's limit for one session", async () => {
    await create({ limit: 1 });

    expect((await create({ limit: 1 })).body).toMatchObject({ code: "VIEWER_LIMIT_REACHED", limit: 1 });
    expect((await create({ limit: 900 })).body.payload.limit).toBe(3);
  });

  it("says of an expired token what it says of an unknown one", async () => {
    const { token } = (await create({})).body.payload;
    await api.clock.advance(30_000);
    const answers = [
      await post("/refresh", { session: "ada", token }),
      await post("/refresh", { session: "ada", token: "nobody's" }),
      await post("/refresh", { session: "bob", token }),
    ];

    for (const { status, type, body } of answers)
      expect([status, type, body.code]).toEqual([401, "application/problem+json", "VIEWER_TOKEN_EXPIRED"]);
  });

  it("stops a token by itself and by its id, which frees its slot, and does so twice", async () => {
    const one = (await create({})).body.payload;
    const two = (await create({})).body.payload;
    const byToken = await post("/stop", { session: "ada", token: one.token });
    const byId = await post("/stop", { session: "ada", id: two.id });
    const again = await post("/stop", { session: "ada", id: two.id });

    expect([byToken, byId, again].map(({ status, body }) => [status, body.payload.active.length])).toEqual([
      [200, 1],
      [200, 0],
      [200, 0],
    ]);
    expect((await post("/stop", { session: "ada", id: "0".repeat(16) })).body.code).toBe("NOT_FOUND");
    expect((await post("/refresh", { session: "ada", token: one.token })).body.ended).toMatchObject({
      cause: "stopped",
    });
  });

  it("lets an operator evict with a note, which the viewer reads", async () => {
    const { token, id } = (await create({})).body.payload;
    const evicted = await post("/evict", { session: "ada", id, note: "shared on a forum" });
    const { status, body } = await post("/refresh", { session: "ada", token });

    expect([evicted.status, status]).toEqual([200, 410]);
    expect(body.ended).toMatchObject({
      cause: "operator",
      note: "shared on a forum",
      by: { id: null, label: "operator" },
    });
  });

  it("enters in the audit trail what an operator ends, and nothing that a viewer ends or that was no more", async () => {
    const [one, two, three] = [await create({}), await create({}), await create({})].map(({ body }) => body.payload);
    const secret = (await post("/secret", { session: "ada" })).body.payload.secret as string;

    await post("/evict", { session: "ada", id: one.id, note: "shared on a forum" });
    await post("/stop", { session: "ada", token: two.token });
    await post("/stop", { session: "ada", token: three.token }, { authorization: `Bearer ${secret}` });
    await post("/stop", { session: "ada", id: "0".repeat(16) });

    const detail = { session: createHash("sha256").update("ada").digest("hex") };
    expect(api.audit).toMatchObject([
      {
        ...{ action: "token.evict", subject: one.id, detail: { ...detail, note: "shared on a forum" } },
        actor: { kind: "operator", id: "operator", requestId: "REQ1" },
      },
      { action: "token.stop", subject: two.id, detail: { ...detail, note: null } },
    ]);
    expect(JSON.stringify(api.audit)).not.toContain(two.token);
  });

  it("lists the live tokens of a session, by a header or a body, and never a token", async () => {
    const { token, id } = (await create({ device: "tv" })).body.payload;
    const byHeader = await send("GET", "", { "x-stream-session": "ada" });
    const byBody = await post("/list", { session: "ada" });

    for (const { status, body } of [byHeader, byBody]) {
      expect([status, body.payload.limit, body.payload.active.map((each: { id: string }) => each.id)]).toEqual([
        200,
        3,
        [id],
      ]);
      expect(JSON.stringify(body)).not.toContain(token);
    }
  });

  it("ends no token of a larger plan by a look or a stop under a smaller one", async () => {
    const tokens = [await create({}), await create({}), await create({})].map(({ body }) => body.payload);

    await post("/list", { session: "ada", plan: "named" });
    await post("/stop", { session: "ada", plan: "named", id: tokens[0].id });

    expect((await post("/list", { session: "ada" })).body.payload.active).toHaveLength(2);
  });

  it.each(["*", ":", "[a-z]", "a:b", "x".repeat(4_096), "ключ 🎬", "a\r\nX-Evil: 1", "__proto__", "\0"])(
    "takes %j as a name and nothing else",
    async (session) => {
      await create({ session: "another" });
      const { body } = await create({ session });

      expect(body.payload.active).toHaveLength(1);
      expect((await post("/list", { session })).body.payload.active).toHaveLength(1);
    },
  );

  it.each<[string, string, object, string, string]>([
    ["no session", "", {}, "session", "is required"],
    ["an empty session", "", { session: "" }, "session", "must be 1 or more characters"],
    ["half a character", "", { session: "\ud800" }, "session", "must not hold half a surrogate pair"],
    [
      "a long device",
      "",
      { session: "a", device: "x".repeat(65) },
      "device",
      "must have at most 64 characters, got 65",
    ],
    [
      "a plan that there is not",
      "",
      { session: "a", plan: "gold" },
      "plan",
      'must be one of default, family, named, got "gold"',
    ],
    ["an id that is none", "/stop", { session: "a", id: "1" }, "id", "must be 16 of 0-9 a-f"],
    ["neither token nor id", "/stop", { session: "a" }, "token", "must name a token, or the id of one"],
    ["an unknown field", "/refresh", { session: "a", token: "t", force: true }, "force", "is not known here"],
    ["a limit of 0", "", { session: "a", limit: 0 }, "limit", "must be 1 or more"],
  ])("names the field of %s", async (_what, path, body, field, message) => {
    const { status, type, body: problem } = await post(path, body);

    expect([status, type]).toEqual([400, "application/problem+json"]);
    expect(problem.payload).toContainEqual({ field, message });
  });

  it("answers 503 with Retry-After while the store is away", async () => {
    api.breakStore();
    const { status, type, headers, body } = await create({});

    expect([status, type, body.code]).toEqual([503, "application/problem+json", "ETCD_UNREACHABLE"]);
    expect(headers.get("retry-after")).toBe("1");
  });
});
